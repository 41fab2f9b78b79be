// Coloring: the chosen quantity, its direction, and the legend.

import { at, isDark, isNarrow, make } from "./dom.js";
import { question } from "./live.js";
import { theme } from "./overlay.js";
import { GROUP_COLORS, KINDS, KIND_COLORS, onScale, pointColors, rgbOf, scaleOf, shares } from "./colors.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./pane.js").Pane} Pane */

/** @type {Record<string, string>} */
export const MODES = { kind: "kind of token", groups: "groups", length: "length of the row", id: "row number", kept: "neighborhood kept", direction: "a direction" };
const MOST_MARKED = 4000; // tokens of groups that are drawn large

/** The modes that a page has. @param {Page} page */
export function modesOf({ panes, live }) {
  /** @type {Record<string, boolean>} */
  const has = { groups: panes.some(({ map }) => map.groups), direction: live || panes.some(({ map }) => map.color) };
  return Object.entries(MODES).filter(([mode]) => has[mode] ?? true);
}

/**
 * Color by something else.
 * @param {Page} page
 * @param {string} mode
 * @param {string} [text] of a direction
 */
export function setMode(page, mode, text) {
  const [choice, direction] = [at("mode", HTMLSelectElement), at("direction", HTMLInputElement)];
  direction.hidden = mode !== "direction" || !page.live;
  if (mode === "direction") {
    for (const pane of page.panes) pane.direction = directionOf(page, pane, text ?? "") ?? pane.direction;
    const found = page.panes.find((pane) => pane.direction)?.direction;
    if (!found) {
      recolor(page);
      choice.value = page.live ? mode : page.mode;
      if (page.live) at("legend", HTMLElement).replaceChildren(make("span", {}, "Type a direction, such as cats - cat."));
      return;
    }
    direction.value = found.name;
  }
  page.mode = mode;
  choice.value = mode;
  recolor(page);
}

/**
 * The map's own direction, or one computed here; null, after saying so, if there is none.
 * @param {Page} page
 * @param {Pane} pane
 * @param {string} text
 */
function directionOf(page, pane, text) {
  const { map, matrix } = pane;
  if (map.color && map.about.color && (!text || text === map.about.color[0])) {
    const [name, low, high] = map.about.color;
    return { name, values: Float32Array.from(map.color, (level) => low + ((high - low) * level) / 65535) };
  }
  const wanted = text || at("direction", HTMLInputElement).value;
  if (!matrix && !page.whole) page.again = () => setMode(page, "direction", text);
  if (!matrix || !wanted) return null;
  try {
    const { vector } = question(matrix, pane.read(wanted), false);
    return { name: wanted, values: matrix.dots(vector) };
  } catch (error) {
    page.say(make("p", {}, `'${wanted}': ${/** @type {Error} */ (error).message}.`));
    return null;
  }
}

/** Color all points anew, and say what the colors mean. @param {Page} page */
export function recolor(page) {
  const dark = isDark();
  for (const pane of page.panes) {
    const { map, scene } = pane;
    const mode = page.mode === "direction" && !pane.direction ? "kind" : page.mode;
    pane.overlay.colors = theme();
    pane.points.recolor(pointColors(map, mode, pane.direction, dark), rgbOf(pane.overlay.colors.paper));
    scene.marked = [];
    for (let i = 0; mode === "groups" && map.groups && i < map.n && scene.marked.length < MOST_MARKED; i++) {
      if (map.groups[i]) scene.marked.push([i, `rgb(${GROUP_COLORS[(map.groups[i] - 1) % GROUP_COLORS.length]})`]);
    }
  }
  at("legend", HTMLElement).replaceChildren(...legend(page, dark));
  if (isNarrow()) page.resize(); // the panel's height has changed
  page.redraw();
}

/** @param {Page} page @param {boolean} dark @returns {HTMLElement[]} */
function legend(page, dark) {
  if (page.mode === "kind") {
    const there = new Set(page.panes.flatMap(({ map }) => [...new Set(map.kinds)]));
    return KINDS.flatMap((name, kind) => (there.has(kind) ? [swatch(KIND_COLORS[kind], name)] : []));
  }
  if (page.mode === "groups") {
    const names = page.panes.flatMap(({ map }) => map.about.groups ?? []);
    return [...new Set(names)].map((name, i) => swatch(GROUP_COLORS[i % GROUP_COLORS.length], name));
  }
  return page.panes.flatMap((pane) => scaleLegend(page, pane, dark));
}

/** @param {number[]} color @param {string} name */
function swatch(color, name) {
  const spot = make("i");
  spot.style.background = `rgb(${color})`;
  return make("span", {}, spot, name);
}

/** A bar with the words at its ends. @param {Page} page @param {Pane} pane @param {boolean} dark */
function scaleLegend({ mode, panes }, { map, direction, name }, dark) {
  if (mode === "direction" && !direction) return [];
  const bar = make("canvas", { width: 256, height: 1, "aria-hidden": true });
  const context = bar.getContext("2d");
  const scale = scaleOf(mode, dark);
  for (let x = 0; context && x < 256; x++) {
    context.fillStyle = `rgb(${onScale(x / 255, scale)})`;
    context.fillRect(x, 0, 1, 1);
  }
  const [low, high] = shares(map, mode, direction).ends;
  /** @type {HTMLElement[]} */
  const children = panes.length > 1 ? [make("span", {}, name)] : [];
  children.push(bar, make("span", { class: "ends" }, make("span", {}, low), make("span", {}, high)));
  if (mode === "direction" && direction) children.push(make("span", {}, `dot product with ${direction.name}`));
  return children;
}
