// Talks to the gateway of the environment with OpenAI's client and writes what it
// heard as one JSON object. The test says what must be in it.
import OpenAI from "openai";

const { GATEWAY_URL: baseURL, GATEWAY_KEY: apiKey, GATEWAY_MODEL: model } = process.env;
const api = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const messages = [{ role: "user", content: [{ type: "text", text: "What is light?" }] }];
const chat = {
  model, messages, max_completion_tokens: 20, temperature: 0.8, seed: 11, logprobs: true, top_logprobs: 2,
};
const text = { model, prompt: "In the beginning", max_tokens: 20, temperature: 0, logprobs: 2 };
const heard = {};

const refusal = async (request) => {
  try {
    await request;
    return null;
  } catch (e) {
    return { status: e.status, code: e.code, param: e.param, type: e.type, kind: e.constructor.name };
  }
};

heard.models = (await api.models.list()).data.map((m) => m.id);
heard.model = (await api.models.retrieve(model)).id;
heard.chat = await api.chat.completions.create(chat);
heard.chatStream = [];
const streamed = { ...chat, stream: true, stream_options: { include_usage: true } };
for await (const chunk of await api.chat.completions.create(streamed)) {
  heard.chatStream.push(chunk);
}
heard.chatFinal = await api.chat.completions.stream({ ...chat }).finalChatCompletion();
heard.text = await api.completions.create(text);
heard.textStream = [];
for await (const chunk of await api.completions.create({ ...text, stream: true })) {
  heard.textStream.push(chunk);
}
heard.stop = await api.completions.create({ ...text, stop: [heard.text.choices[0].text.slice(4, 7)] });
heard.errors = {
  key: await refusal(new OpenAI({ baseURL, apiKey: "sk-minga-none", maxRetries: 0 }).models.list()),
  model: await refusal(api.completions.create({ ...text, model: "gpt-4" })),
  tools: await refusal(
    api.chat.completions.create({ ...chat, tools: [{ type: "function", function: { name: "f" } }] }),
  ),
  context: await refusal(api.completions.create({ ...text, max_tokens: 1000000 })),
};
const stream = await api.chat.completions.create({ ...chat, stream: true });
for await (const _ of stream) break; // goes away in the middle of an answer
console.log(JSON.stringify(heard));
