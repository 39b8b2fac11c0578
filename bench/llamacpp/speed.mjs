// Generates in llama.cpp, driven over standard input. The first line is
// {"model": file, "threads": n, "context": n}, the answer {"system": text}; each
// further one is {"prompt": [...], "tokens": n}, the answer
// {"written": [...], "seconds": x, "cpu": y, "own": z}: the time from the first token to
// the last, that of all processors, and llama.cpp's own count of the seconds it evaluated in between,
// without what JavaScript adds.
import {createInterface} from "node:readline";
import {getLlama, LlamaLogLevel} from "node-llama-cpp";

const lines = createInterface({input: process.stdin})[Symbol.asyncIterator]();
const read = async () => (await lines.next()).value;
const answer = (x) => process.stdout.write(JSON.stringify(x) + "\n");

const {model: file, threads, context: contextSize} = JSON.parse(await read());
let log = "";
const llama = await getLlama({
    gpu: false, build: "never", skipDownload: true, maxThreads: threads,
    logLevel: LlamaLogLevel.info, logger: (_, text) => { log += text + "\n"; }
});
const model = await llama.loadModel({modelPath: file, gpuLayers: 0});
const context = await model.createContext({
    threads: {ideal: threads, min: threads}, contextSize, performanceTracking: true
});
const sequence = context.getSequence();
answer({system: llama.systemInfo});

for (let line = await read(); line != null; line = await read()) {
    const {prompt, tokens} = JSON.parse(line);
    await sequence.clearHistory();
    const written = [];
    let start, cpu;
    for await (const token of sequence.evaluate(prompt, {temperature: 0, yieldEogToken: true})) {
        written.push(token);
        if (written.length === 1) {
            await context.printTimings();
            start = performance.now();
            cpu = process.cpuUsage();
        }
        if (written.length === tokens)
            break;
    }
    const seconds = (performance.now() - start) / 1000;
    const {user, system} = process.cpuUsage(cpu);
    log = "";
    await context.printTimings();
    const own = /[^t] eval time =\s*([\d.]+) ms/.exec(log);
    answer({written, seconds, cpu: (user + system) / 1e6, own: own == null ? 0 : Number(own[1]) / 1000});
}
await llama.dispose();
