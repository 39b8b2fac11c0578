"""The training step of package nn in PyTorch, driven over standard input.

The first line is {"threads", "config", "optimizer", "batch", "weights": file,
"batches": file}: the weights as raw float32 in the order of nn's
Config.Tensors, and batches of tokens and targets as raw int32. It answers with
a line about itself. After that each line is a number of steps to do; it answers
{"seconds", "cpu", "losses"}.
"""
import ctypes
import json
import math
import sys
import time

import numpy
import torch
import torch.nn.functional as F


class RMSNorm(torch.autograd.Function):
    """y = x / sqrt(mean(x^2) + eps) * gain, its gradient written down: what
    autograd makes of the formula keeps and reads twice as many arrays."""

    @staticmethod
    def forward(ctx, x, gain, eps):
        rinv = torch.linalg.vector_norm(x, dim=-1, keepdim=True).square_().div_(x.shape[-1]).add_(eps).rsqrt_()
        unit = x * rinv
        ctx.save_for_backward(unit, rinv, gain)
        return unit * gain

    @staticmethod
    def backward(ctx, dy):
        unit, rinv, gain = ctx.saved_tensors
        product = dy * unit
        slope = torch.mv(product, gain).div_(-unit.shape[-1]).unsqueeze(-1)
        dx = torch.addcmul(dy * gain, unit, slope).mul_(rinv)
        return dx, product.sum(0), None


class Transformer(torch.nn.Module):
    """Decoder with tied embeddings. The three projections of attention are one
    matrix here, and so are the two of SwiGLU."""

    def __init__(self, c, batch, weights):
        super().__init__()
        self.c, self.batch = c, batch
        take = iter(weights)
        self.embed = torch.nn.Parameter(next(take))
        self.layers = []
        for _ in range(c["Layers"]):
            norm1, wq, wk, wv, wo, norm2, w1, w3, w2 = (next(take) for _ in range(9))
            parts = norm1, torch.cat([wq, wk, wv], 1), wo, norm2, torch.cat([w1, w3], 1), w2
            self.layers.append([torch.nn.Parameter(p.contiguous()) for p in parts])
        self.norm = torch.nn.Parameter(next(take))
        t, width = c["Context"], c["Dim"] // c["Heads"]
        angles = torch.outer(torch.arange(t).float(), c["Theta"] ** (-torch.arange(0, width, 2).float() / width))
        self.turn = torch.polar(torch.ones_like(angles), angles)[:, None]  # (t, 1, width/2)
        self.mask = torch.full((t, t), -math.inf).triu(1)

    def weights(self):
        return [self.embed, *(p for layer in self.layers for p in layer), self.norm]

    def forward(self, tokens, targets):
        eps = self.c["Eps"]
        x = F.embedding(tokens, self.embed)
        for norm1, wqkv, wo, norm2, w13, w2 in self.layers:
            y = self.attend(torch.mm(RMSNorm.apply(x, norm1, eps), wqkv))
            x = torch.addmm(x, y, wo)
            gate, up = torch.mm(RMSNorm.apply(x, norm2, eps), w13).chunk(2, 1)
            x = torch.addmm(x, F.silu(gate) * up, w2)
        logits = torch.mm(RMSNorm.apply(x, self.norm, eps), self.embed.t())
        return F.cross_entropy(logits, targets)

    def attend(self, qkv):
        b, t, heads, width = self.batch, self.c["Context"], self.c["Heads"], self.c["Dim"] // self.c["Heads"]
        qk, v = qkv.view(b, t, 3 * heads, width).split([2 * heads, heads], 2)
        pairs = torch.view_as_complex(qk.unflatten(-1, (width // 2, 2)))
        qk = torch.view_as_real(pairs * self.turn).flatten(-2)
        q, k = (x.transpose(1, 2).reshape(b * heads, t, width) for x in qk.split(heads, 2))
        v = v.transpose(1, 2).reshape(b * heads, t, width)
        prob = torch.baddbmm(self.mask, q, k.transpose(1, 2), alpha=width ** -0.5).softmax(-1)
        y = torch.bmm(prob, v).view(b, heads, t, width).transpose(1, 2)
        return y.reshape(b * t, heads * width)


class Trainer:
    def __init__(self, order):
        c, o = order["config"], order["optimizer"]
        self.o, self.number = o, 0
        d, hidden = c["Dim"], c["Hidden"]
        layer = [(d,)] + 4 * [(d, d)] + [(d,), (d, hidden), (d, hidden), (hidden, d)]
        shapes = [(c["Vocab"], d), *(c["Layers"] * layer), (d,)]
        flat = torch.from_numpy(numpy.fromfile(order["weights"], "<f4"))
        weights = [w.view(s) for w, s in zip(flat.split([math.prod(s) for s in shapes]), shapes)]
        self.model = Transformer(c, order["batch"], weights)
        self.weights = self.model.weights()
        ids = numpy.fromfile(order["batches"], "<i4").astype("int64")
        self.batches = torch.from_numpy(ids).view(-1, 2, order["batch"] * c["Context"])
        groups = [
            {"params": [w for w in self.weights if w.dim() > 1], "weight_decay": o["Decay"]},
            {"params": [w for w in self.weights if w.dim() == 1], "weight_decay": 0},
        ]
        self.adamw = torch.optim.AdamW(groups, betas=(o["Beta1"], o["Beta2"]), eps=o["Eps"], foreach=True)

    def rate(self):
        o, step = self.o, self.number
        if step < o["Warmup"]:
            return o["Rate"] * (step + 1) / o["Warmup"]
        done = min(1, (step - o["Warmup"]) / (o["Steps"] - o["Warmup"]))
        return o["Floor"] + (o["Rate"] - o["Floor"]) / 2 * (1 + math.cos(math.pi * done))

    def clip(self):
        grads = [w.grad for w in self.weights]
        norm = torch.stack(torch._foreach_norm(grads)).norm().item()
        if norm > self.o["Clip"]:
            torch._foreach_mul_(grads, self.o["Clip"] / norm)

    def step(self):
        tokens, targets = self.batches[self.number % len(self.batches)]
        loss = self.model(tokens, targets)
        self.adamw.zero_grad(set_to_none=True)
        loss.backward()
        self.clip()
        for g in self.adamw.param_groups:
            g["lr"] = self.rate()
        self.adamw.step()
        self.number += 1
        return loss.item()


def answer(x):
    print(json.dumps(x), flush=True)


def blas():
    """The file of the BLAS in use and, if it is OpenBLAS, the core it chose."""
    with open("/proc/self/maps") as maps:
        files = sorted({line.split()[-1] for line in maps if "blas" in line})
    for file in files:
        core = getattr(ctypes.CDLL(file), "openblas_get_corename", None)
        if core:
            core.restype = ctypes.c_char_p
            return f"OpenBLAS, {core().decode()} core, {file}"
    return "not OpenBLAS: " + ", ".join(files)


def main():
    order = json.loads(sys.stdin.readline())
    torch.set_num_threads(order["threads"])
    trainer = Trainer(order)
    answer({
        "version": torch.__version__, "config": torch.__config__.show(), "threads": torch.get_num_threads(),
        "blas": blas(),
    })
    for line in sys.stdin:
        start, cpu = time.perf_counter(), time.process_time()
        losses = [trainer.step() for _ in range(int(line))]
        answer({"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu, "losses": losses})


if __name__ == "__main__":
    main()
