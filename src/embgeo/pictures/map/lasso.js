// Tokens inside a lasso: listed, copied, saved, and marked on the other map.

import { make } from "./dom.js";
import { within } from "./near.js";
import { nothing } from "./pane.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./pane.js").Pane} Pane */

const LISTED = 200; // words that are listed
const MOST_DOTS = 20000; // tokens that are marked

/**
 * List the tokens inside a lasso, and mark them on the other map.
 * @param {Page} page
 * @param {Pane} pane
 * @param {[number, number][]} line in pixels of its canvas
 */
export function select(page, pane, line) {
  const { map, words, view } = pane;
  const places = line.map(([x, y]) => view.toPlace(x, y));
  /** @type {number[]} */
  const inside = [];
  for (let i = 0; i < map.n; i++) if (within(map.x[i], map.y[i], places)) inside.push(i);
  const texts = inside.map((i) => words.label(i));
  const count = `${inside.length.toLocaleString("en")} token${inside.length === 1 ? "" : "s"}`;
  const more = texts.length > LISTED ? ` … and ${(texts.length - LISTED).toLocaleString("en")} more` : "";
  const copy = make("button", { type: "button", onclick: () => copyText(copy, texts.join("\n")) }, "Copy words");
  const save = make("button", { type: "button", onclick: () => download("words.txt", texts.join("\n") + "\n") }, "Save words");
  const listed = make("div", { class: "words", tabindex: 0, role: "group", "aria-label": "Selected words" }, texts.slice(0, LISTED).join("  ") + more);
  const elsewhere = page.panes.filter((one) => one !== pane).map((one) => {
    const twins = inside.map((i) => one.twin(pane, i)).filter((i) => i >= 0);
    Object.assign(one.scene, nothing(), { selected: twins.slice(0, MOST_DOTS) });
    return make("p", {}, `${twins.length.toLocaleString("en")} of them are on the map of ${one.name}, marked there.`);
  });
  Object.assign(pane.scene, nothing(), { lasso: line });
  page.query = "";
  page.say(make("h2", {}, count), ...elsewhere, make("div", { class: "tools" }, copy, save), listed);
  page.redraw();
}

/** @param {HTMLElement} button @param {string} text */
async function copyText(button, text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = make("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  button.textContent = "Copied";
}

/** @param {string} name @param {string} text */
function download(name, text) {
  const link = make("a", { href: URL.createObjectURL(new Blob([text], { type: "text/plain" })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
