// Reads pages with cheerio, as extract.py does with its peers.
import { readFileSync } from "node:fs";
import * as cheerio from "cheerio";

function read(page) {
  const $ = cheerio.load(page);
  const texts = (selector) => $(selector).toArray().map((node) => $(node).text());
  const values = (selector, name) => $(selector).toArray().map((node) => $(node).attr(name));
  return [
    texts("title"),
    values("meta[name]", "content"),
    texts("td, th, dt, dd"),
    texts("p"),
    values("a", "href"),
    values("img", "src"),
  ];
}

const pages = process.argv.slice(2).map((name) => readFileSync(name));
read(pages[0].toString());
const begun = process.cpuUsage();
for (const page of pages) read(page.toString());
const used = process.cpuUsage(begun);
console.log((used.user + used.system) / 1000 / pages.length);
