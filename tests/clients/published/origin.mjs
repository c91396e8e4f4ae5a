// The SDK knows one origin only. What it sends there goes to ORIGIN.
const theirs = "https://app.posteverywhere.ai/";
const send = globalThis.fetch;

globalThis.fetch = (url, options) => send(String(url).replace(theirs, process.env.ORIGIN), options);
