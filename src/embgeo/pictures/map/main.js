// Reads the data, describes what the page shows, and starts it.

import { at, blockText, make } from "./dom.js";
import { readMap, unpack } from "./data.js";
import { Lists } from "./lists.js";
import { Matrix } from "./live.js";
import { modesOf } from "./coloring.js";
import { Pane } from "./pane.js";
import { Page } from "./page.js";
import { isAsked, restore } from "./link.js";
import { listenToSearch } from "./search.js";
import { listenToPointer } from "./pointer.js";
import { listenToKeys, listenToSlash } from "./keys.js";
import { listenToTools } from "./tools.js";

const AT_ONCE = 16384; // words indexed before the page handles input again
/** @type {Record<string, string>} */
const HOW = { tsne: "t-SNE of the exact nearest neighbors, without random numbers", umap: "UMAP of the rows", pca: "first two principal components" };

/** @param {Page} page */
function describe(page) {
  const counts = page.panes.map(({ map }) => map.n.toLocaleString("en")).join(" and ");
  const what = page.panes.length > 1 ? "Two maps of " : `${page.panes[0].name} · `;
  at("title", HTMLElement).textContent = `${what}${counts}\u00a0tokens`;
  const { kept, made } = facts(page.panes);
  at("kept", HTMLElement).textContent = kept;
  at("made", HTMLElement).replaceChildren(...made);
  at("mode", HTMLElement).replaceChildren(...modesOf(page).map(([mode, text]) => make("option", { value: mode }, text)));
  at("panel", HTMLElement).classList.toggle("pair", page.panes.length > 1);
  const query = at("query", HTMLInputElement);
  if (page.live) query.placeholder = "Try king - man + woman";
  query.setAttribute("aria-label", page.live ? "Search a token, or type an expression" : "Search a token");
  for (const pane of page.panes) pane.title.textContent = page.panes.length > 1 ? pane.name : "";
}

/** How the maps were made, and how much they keep. @param {Pane[]} panes */
function facts(panes) {
  const abouts = panes.map(({ map }) => map.about);
  const [{ near, version }] = abouts;
  const how = abouts.map(({ layout }) => HOW[layout] ?? `cosines with ${layout.replace(",", " (across) and ")} (up)`);
  const shares = abouts.map(({ share }) => `${(100 * share).toFixed(1)}%`).join(" and ");
  const kept = `Of each token's ${near} nearest, ${shares} are among its ${near} nearest here; far-apart distances mean little.`;
  const commands = abouts.map(({ request }) => request);
  const made = `${[...new Set(how), `embgeo ${version}`].join(" · ")} · `;
  return { kept, made: [made, ...[...new Set(commands)].flatMap((command, i) => [i ? " · " : "", make("code", {}, command)])] };
}

/** The canvases of a map; those of a second one are made after the first one's. @param {number} number */
function elements(number) {
  const first = { points: at("points", HTMLCanvasElement), overlay: at("overlay", HTMLCanvasElement), title: at("name", HTMLElement) };
  if (!number) return first;
  /** @template {HTMLElement} T @param {T} element */
  const again = (element) => {
    const copy = /** @type {T} */ (element.cloneNode());
    copy.id = element.id + (number + 1);
    first.title.parentElement?.append(copy);
    return copy;
  };
  const [points, overlay, title] = [again(first.points), again(first.overlay), again(first.title)];
  overlay.setAttribute("aria-label", (overlay.getAttribute("aria-label") ?? "").replace("Map", "Second map"));
  return { points, overlay, title };
}

/** A block's bytes. @param {string} name @param {number} number of the map */
async function read(name, number) {
  return unpack(await blockText(name + (number ? number + 1 : "")));
}

/** A map without its lists and its matrix, which stand behind the script. @param {Page} page @param {number} number */
async function readPane(page, number) {
  const [text, numbers] = await Promise.all([read("about", number), read("numbers", number)]);
  const about = /** @type {import("./data.js").About} */ (JSON.parse(new TextDecoder().decode(text)));
  return new Pane(readMap(about, numbers), elements(number), () => page.resize());
}

/** Read the lists of a map. @param {Pane} pane @param {number} number */
async function readLists(pane, number) {
  pane.lists = new Lists(await read("lists", number), pane.map.n, ...pane.map.about.lists);
}

/** Read the matrix of a map, if its page computes. @param {Pane} pane @param {number} number */
async function readMatrix(pane, number) {
  const { live, head } = pane.map.about;
  if (!live) return;
  /** @param {string} name */
  const matrix = async (name) => new Matrix(await read(name, number), pane.map.n, ...live);
  pane.matrix = await matrix("rows");
  pane.unembedding = head ? await matrix("output") : pane.matrix;
}

/** Index the words of the maps, a part at a time, while nobody waits. @param {Page} page */
function indexWords(page) {
  if (page.panes.some(({ words }) => words.index(AT_ONCE))) setTimeout(() => indexWords(page));
}

/** Read the blocks after the script, which shows the map before they have arrived. @param {Page} page */
async function readRest(page) {
  await Promise.all(page.panes.map(readLists));
  page.goOn();
  await Promise.all(page.panes.map(readMatrix));
  page.whole = true;
  page.goOn();
  document.documentElement.dataset.whole = "true";
}

async function start() {
  const page = new Page();
  const count = document.querySelectorAll("script[id^=about]").length;
  page.panes = await Promise.all(Array.from({ length: count }, (_, number) => readPane(page, number)));
  describe(page);
  listenToSearch(page);
  for (const pane of page.panes) {
    listenToPointer(page, pane);
    listenToKeys(page, pane);
  }
  listenToSlash();
  listenToTools(page);
  const rest = readRest(page);
  if (isAsked(location.hash)) await rest;
  page.resize();
  for (const pane of page.panes) pane.view.fit();
  restore(page);
  page.draw();
  document.documentElement.dataset.ready = page.panes[0].points.name;
  setTimeout(() => indexWords(page));
  await rest;
}

start().catch((error) => at("facts", HTMLElement).replaceChildren(`This map can't be shown: ${error.message}`));
