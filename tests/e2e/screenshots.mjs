// A picture of every page and state in both languages and schemes, at the width of a desk and of a phone, and one page
// that shows them all. Arguments are the stories wanted; without any, all.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fits, looks, nameOf, narrow, wide } from "./lib/inspect.mjs";
import { artifacts } from "./lib/server.mjs";
import { names, startServer, walk } from "./lib/states.mjs";

const wanted = process.argv.slice(2);
/** By story and state, in the order in which they come. */
const sheet = new Map();

async function photograph(story, suffix, person, state) {
  const states = sheet.get(story) ?? new Map();
  sheet.set(story, states.set(state, states.get(state) ?? []));
  for (const size of [narrow, wide]) {
    await fits(person, size);
    const file = `${state}-${suffix}-${size.width}`;
    await person.screenshot(file);
    states.get(state).push(file);
  }
}

function sheetPage() {
  const picture = (file) =>
    `<a href="${file}.png"><img src="${file}.png" alt="${file}" loading="lazy"></a>`;
  const parts = [...sheet].map(([story, states]) => {
    const rows = [...states].map(
      ([state, files]) => `<h3>${state}</h3><p>${files.map(picture).join("")}</p>`,
    );
    return `<h2>${story}</h2>${rows.join("\n")}`;
  });
  const style = `body { font-family: sans-serif; margin: 2rem; background: #ddd; color: #111; }
    p { display: flex; gap: 0.5rem; overflow-x: auto; }
    img { height: 16rem; border: 1px solid #888; display: block; }`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Conclave, page by page</title>
<style>${style}</style><h1>Conclave, page by page</h1>${parts.join("\n")}</html>\n`;
}

const server = await startServer("screenshots");
for (const story of names.filter((name) => wanted.length === 0 || wanted.includes(name))) {
  for (const look of looks) {
    const see = (person, state) => photograph(story, nameOf(look), person, state);
    await walk(story, { server, look, see });
    process.stdout.write(`${story}, ${nameOf(look)}\n`);
  }
}
await server.stop();
const page = join(artifacts, "index.html");
writeFileSync(page, sheetPage());
process.stdout.write(`${page}\n`);
