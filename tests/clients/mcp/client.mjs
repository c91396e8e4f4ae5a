// The official TypeScript SDK as a client of /mcp: a call a line, an answer a line.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const sdk = (path) =>
  import(pathToFileURL(`${process.cwd()}/node_modules/@modelcontextprotocol/sdk/dist/esm/${path}`));
const { Client } = await sdk("client/index.js");
const { StreamableHTTPClientTransport } = await sdk("client/streamableHttp.js");

const client = new Client({ name: "dovecote-test", version: "1" });
const headers = { Authorization: `Bearer ${process.env.KEY}` };
await client.connect(
  new StreamableHTTPClientTransport(new URL(process.env.SERVER), { requestInit: { headers } }),
);
// From then on it knows each tool's schemas, and compares every answer with them.
const { tools } = await client.listTools();
console.log(JSON.stringify(tools.map((tool) => tool.name)));

for await (const line of createInterface({ input: process.stdin })) {
  try {
    console.log(JSON.stringify({ result: await client.callTool(JSON.parse(line)) }));
  } catch (error) {
    console.log(JSON.stringify({ thrown: String(error) }));
  }
}
