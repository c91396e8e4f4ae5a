// Imports files that the server does at once, and one that its workers do.
import { Dovecote } from "dovecote-client";
import { given, say } from "./given.js";

const dovecote = new Dovecote();
const seen: string[] = [];
const csv = (rows: string) => new Blob([rows], { type: "text/csv" });
const small = await dovecote.posts.importFile(csv(given.small));
const large = await dovecote.posts.importFile(csv(given.large), {}, {
  onProgress: (outcome) => seen.push(outcome.status),
});
const again = await dovecote.imports.wait(large.importId!);
say({ small, large, again, seen });
