// Calls the SDK: a line {"method": "posts.get", "args": [...]} in, a line with its value or error out.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const { PostEverywhere } = createRequire(`${process.cwd()}/`)("@posteverywhere/sdk");
const client = new PostEverywhere({ apiKey: process.env.POSTEVERYWHERE_API_KEY });

function given(argument) {
  if (argument?.blob) return new Blob([Buffer.from(argument.blob, "base64")]);
  if (argument?.buffer) return Buffer.from(argument.buffer, "base64");
  return argument;
}

async function answer({ method, args }) {
  const [room, name] = method.split(".");
  try {
    return { value: await client[room][name](...args.map(given)) };
  } catch ({ name, message, status, code, details }) {
    return { error: { name, message, status, code, details } };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line))));
}
