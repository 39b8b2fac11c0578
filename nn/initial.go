package nn

import (
	"strings"

	"github.com/minga-network/minga/kernel"
)

// Initial draws the weights of a model, the same for the same cfg and seed on
// every machine: gains are 1; matrices are normal, drawn by the place of their
// tensor. The matrices that write into the residual stream (wo, w2) are narrower
// by √(2·layers), so that its size does not grow with depth (Radford et al., 2019).
// The rest has a deviation of 0.5/√dim, about their 0.02 at their width. cfg is one
// that Validate accepts.
func Initial(cfg Config, seed uint64, b *kernel.Backend) []Tensor {
	weights := cfg.Tensors()
	for i := range weights {
		t := &weights[i]
		t.Data = make([]float32, t.Size())
		if len(t.Shape) == 1 {
			for j := range t.Data {
				t.Data[j] = 1
			}
			continue
		}
		b.Normal(t.Data, seed, uint64(i), t.deviation(cfg))
	}
	return weights
}

// initial writes the node that makes weight i as Initial does.
func (t *transformer) initial(w Tensor, seed uint64, i int) ID {
	dims := dimensions(floats(w.Shape...))
	if len(dims) == 1 {
		return t.one(OpFill, append([]uint64{bits(1)}, dims...))
	}
	return t.one(OpNormal, append([]uint64{seed, uint64(i), bits(w.deviation(t.cfg))}, dims...))
}

// deviation is the standard deviation of a matrix before training.
func (t Tensor) deviation(cfg Config) float32 {
	base := 0.5 / kernel.Sqrt(float32(cfg.Dim))
	if strings.HasSuffix(t.Name, ".wo") || strings.HasSuffix(t.Name, ".w2") {
		return base / kernel.Sqrt(float32(2*cfg.Layers))
	}
	return base
}
