// Keyboard control of a map, and the key that jumps to the search.

import { at } from "./dom.js";
import { choose } from "./answers.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./pane.js").Pane} Pane */

const STEP = 60; // pixels that an arrow key moves
/** @type {Record<string, [number, number]>} */
const MOVES = { ArrowLeft: [STEP, 0], ArrowRight: [-STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] };

/** @param {Page} page @param {Pane} pane */
export function listenToKeys(page, pane) {
  pane.overlay.canvas.addEventListener("keydown", (event) => {
    const { view } = pane;
    const [x, y] = view.middle;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in MOVES) view.pan(...MOVES[event.key]);
    else if (event.key === "+" || event.key === "=") view.zoomAt(1.3, x, y);
    else if (event.key === "-") view.zoomAt(1 / 1.3, x, y);
    else if (event.key === "0") view.fit();
    else if (event.key === "Escape") page.clear();
    else if (event.key === "Enter") {
      const token = pane.near.pick(view.x, view.y, 120 / view.scale);
      if (token >= 0) choose(page, pane, token, false);
    } else return;
    event.preventDefault();
    page.moved();
  });
}

/** A slash jumps to the search, unless it is typed into a field. */
export function listenToSlash() {
  addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key !== "/" || typing) return;
    event.preventDefault();
    at("query", HTMLInputElement).focus();
  });
}
