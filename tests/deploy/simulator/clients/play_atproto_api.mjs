// Bluesky's client for JavaScript, as a program that posts would use it. Prints JSON with what it
// has seen.
//
// Arguments: the folder with its packages, handle and password of an account. Records are written
// by applyWrites, as our adapter writes them; the client's `post` uses another call.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const [modules, handle, password] = process.argv.slice(2);
const { AtpAgent, AtUri, RichText, XRPCError } = createRequire(`${modules}/`)("@atproto/api");

const POST = "app.bsky.feed.post";
// A `fetch` of one's own is an option of the client. This one sends what is for a host to GATEWAY.
function send(input, init) {
  const request = new Request(input, init);
  return fetch(request.url.replace("https://", `${process.env.GATEWAY}/`), request);
}
const agentAt = (service) => new AtpAgent({ service, fetch: send });
const agent = agentAt("https://bsky.social");

async function post(text, more = {}) {
  const value = { $type: POST, text, createdAt: new Date().toISOString(), ...more };
  const write = { $type: "com.atproto.repo.applyWrites#create", collection: POST, value };
  const made = await agent.com.atproto.repo.applyWrites({ repo: agent.did, writes: [write] });
  const { uri, cid } = made.data.results[0];
  return { uri, cid };
}

// Upload to the video service, with the server's word. It does not answer as its lexicon says, and
// the client refuses that: programs upload by `fetch`.
// Source: https://github.com/bluesky-social/atproto/issues/3097 (read 2026-11-30).
async function uploadedVideo() {
  const asked = { aud: "did:web:bsky.social", lxm: "com.atproto.repo.uploadBlob" };
  const { data } = await agent.com.atproto.server.getServiceAuth(asked);
  const query = new URLSearchParams({ did: agent.did, name: "dove.mp4" });
  const headers = { "Content-Type": "video/mp4", Authorization: `Bearer ${data.token}` };
  const url = `https://video.bsky.app/xrpc/app.bsky.video.uploadVideo?${query}`;
  const uploaded = await send(url, { method: "POST", headers, body: await readFile("dove.mp4") });
  const { jobId } = await uploaded.json();
  const service = agentAt("https://video.bsky.app");
  for (;;) {
    const { jobStatus } = (await service.app.bsky.video.getJobStatus({ jobId })).data;
    const video = jobStatus.blob;
    if (video) return { $type: "app.bsky.embed.video", video, alt: "Flying" };
    await new Promise((done) => setTimeout(done, 300));
  }
}

async function picture() {
  const stored = await agent.uploadBlob(await readFile("dove.png"), { encoding: "image/png" });
  return { $type: "app.bsky.embed.images", images: [{ image: stored.data.blob, alt: "A dove" }] };
}

async function publish() {
  const words = new RichText({ text: `Coo #doves of @${handle}, https://example.com/dovecote` });
  await words.detectFacets(agent);
  const text = await post(words.text, { facets: words.facets, langs: ["en"] });
  const image = await post("Look", { embed: await picture() });
  const video = await post("See", { embed: await uploadedVideo() });
  const reply = await post("And coo", { reply: { root: text, parent: text } });
  return { text, image, video, reply };
}

async function read(posts) {
  const places = Object.values(posts);
  const found = (await agent.getPosts({ uris: places.map(({ uri }) => uri) })).data.posts;
  const { rkey } = new AtUri(posts.reply.uri);
  const reply = await agent.getPost({ repo: agent.did, rkey });
  const me = (await agent.getProfile({ actor: handle })).data;
  return {
    me: [me.handle, me.displayName],
    texts: found.map(({ record }) => record.text),
    cids: found.every(({ cid }, at) => cid === places[at].cid),
    facets: found[0].record.facets.map(({ features }) => features[0].$type),
    image: found[1].record.embed.images[0].alt,
    "reply to": reply.value.reply.parent.uri === posts.text.uri,
  };
}

// The class of an error, its status and the server's word.
async function refused(call) {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof XRPCError)) throw error;
    return [error.constructor.name, error.status, error.error];
  }
  return [];
}

// Go on with a session that was kept, as after a restart; whether its token is a new one.
async function renews() {
  const other = agentAt("https://bsky.social");
  await other.resumeSession({ ...agent.session });
  return other.session.accessJwt !== agent.session.accessJwt && other.session.did === agent.did;
}

async function main() {
  await agent.login({ identifier: handle, password });
  const posts = await publish();
  const told = { read: await read(posts), renews: await renews() };
  const stranger = agentAt("https://bsky.social");
  stranger.sessionManager.session = { ...agent.session, accessJwt: `${agent.session.accessJwt}x` };
  const unknown = { repo: agent.did, collection: POST, rkey: "3aaaaaaaaaaaa" };
  const login = { identifier: handle, password: "wrong" };
  told.refused = {
    "wrong password": await refused(() => agentAt("https://bsky.social").login(login)),
    "wrong token": await refused(() => stranger.getProfile({ actor: handle })),
    "too long": await refused(() => post("a".repeat(301))),
    "unknown post": await refused(() => agent.com.atproto.repo.getRecord(unknown)),
  };
  await agent.deletePost(posts.text.uri);
  const uris = Object.values(posts).map(({ uri }) => uri);
  told.left = (await agent.getPosts({ uris })).data.posts.length;
  console.log(JSON.stringify(told));
}

await main();
