// Prints what Bruno's own parser reads in every file of a collection.
const { readdirSync, readFileSync } = require("node:fs");
const { join } = require("node:path");
const { bruToEnvJsonV2, bruToJsonV2, collectionBruToJson } = require(
  require.resolve("@usebruno/lang", { paths: [process.cwd()] }),
);

const [folder] = process.argv.slice(2);
const told = {};
for (const name of readdirSync(folder, { recursive: true }).filter((each) => each.endsWith(".bru"))) {
  const text = readFileSync(join(folder, name), "utf8");
  const isFolder = /(folder|collection)\.bru$/.test(name);
  const read = name.startsWith("environments") ? bruToEnvJsonV2 : isFolder ? collectionBruToJson : bruToJsonV2;
  told[name] = read(text);
}
console.log(JSON.stringify(told));
