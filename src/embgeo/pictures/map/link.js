// Restores the state that the address describes.

import { fromHash } from "./view.js";
import { MODES, setMode } from "./coloring.js";
import { ask, choose } from "./answers.js";

/** Whether a link shows more than a view. @param {string} hash */
export function isAsked(hash) {
  const { token, ask: asked, direction } = fromHash(hash);
  return Boolean(token || asked || direction);
}

/** @param {import("./page.js").Page} page */
export function restore(page) {
  const state = fromHash(location.hash);
  if (["dark", "light"].includes(state.theme)) document.documentElement.dataset.theme = state.theme;
  const { groups, color } = page.panes[0].map;
  const usual = groups ? "groups" : color ? "direction" : "kind";
  const wanted = Object.hasOwn(MODES, state.color ?? "") ? state.color : usual;
  setMode(page, wanted === "groups" && !groups ? "kind" : wanted, state.direction);
  const pane = page.panes[Number(state.on ?? 0)] ?? page.panes[0];
  const token = state.token ? pane.words.find(`id:${state.token}`) : -1;
  if (token >= 0) choose(page, pane, token, false);
  if (state.ask) ask(page, state.ask);
  page.panes.forEach(({ view }, i) => {
    const [x, y, zoom] = (state[i ? "view2" : "view"] ?? "").split(",").map(Number);
    if (zoom > 0 && [x, y, zoom].every((value) => Number.isFinite(value))) Object.assign(view, { x, y, scale: Math.min(4000, zoom) * view.fitted });
  });
  page.redraw();
}
