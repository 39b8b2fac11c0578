// Reads {"model": file, "texts": [...], "tokens": n} from standard input and
// writes, for each text, {"prompt": [...], "written": [...]}: the tokens that
// llama.cpp cuts the text into, and the n most likely ones that follow.
import {readFileSync} from "node:fs";
import {getLlama, LlamaLogLevel} from "node-llama-cpp";

const {model: file, texts, tokens} = JSON.parse(readFileSync(0, "utf8"));

// The prebuilt program for the processor only: nothing is compiled or fetched.
const llama = await getLlama({gpu: false, build: "never", skipDownload: true, logLevel: LlamaLogLevel.error});
const model = await llama.loadModel({modelPath: file, gpuLayers: 0});

const answers = [];
for (const text of texts) {
    const prompt = model.tokenize(text, false);
    answers.push({prompt, written: tokens > 0 ? await write(prompt) : []});
}
process.stdout.write(JSON.stringify(answers));
await llama.dispose();

async function write(prompt) {
    // Keys and values in float32, as infer has them; the default is float16.
    const context = await model.createContext({
        threads: 1, flashAttention: false, experimentalKvCacheKeyType: "F32", experimentalKvCacheValueType: "F32"
    });
    const written = [];
    for await (const token of context.getSequence().evaluate(prompt, {temperature: 0, yieldEogToken: true})) {
        written.push(token);
        if (written.length === tokens || model.isEogToken(token))
            break;
    }
    await context.dispose();
    return written;
}
