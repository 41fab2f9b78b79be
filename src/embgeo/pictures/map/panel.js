// The panel's lists, numbers and drawings.

import { make, svg } from "./dom.js";

/** @typedef {import("./words.js").Words} Words */
/** @typedef {[number, number]} XY */

/**
 * A cosine with four digits, without the sign of a zero.
 * @param {number} cosine
 */
export function digits(cosine) {
  return shortest(cosine).toFixed(4).replace(/^-(0\.0+)$/, "$1");
}

/**
 * The shortest decimal that reads back to the same float32: what the command rounds.
 * @param {number} number
 */
export function shortest(number) {
  const single = Math.fround(number);
  for (let figures = 6; figures < 9; figures++) {
    const short = Number(single.toPrecision(figures));
    if (Math.fround(short) === single) return short;
  }
  return Number(single.toPrecision(9));
}

/**
 * A command's argument, quoted for a shell where that is necessary.
 * @param {string} text
 */
export function quoted(text) {
  return /^[\w@%+=:,./][\w@%+=:,./-]*$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
}

/**
 * A token in a list: whether it is near in the picture, or whether its rank is certain, where that is told.
 * @typedef {{token: number, cosine: number, mark?: boolean, sure?: boolean}} Item
 */

/**
 * A list of tokens, each a button that chooses its token.
 * @param {Words} words
 * @param {Item[]} items
 * @param {(token: number) => void} choose
 */
export function tokenList(words, items, choose) {
  const rows = items.map(({ token, cosine, mark, sure }) => {
    const name = make("button", { type: "button", class: "token", onclick: () => choose(token) }, words.label(token));
    const cells = [make("td", {}, name)];
    if (mark !== undefined) cells.push(make("td", { class: `mark ${mark ? "near" : "torn"}` }, mark ? "near here" : "torn away"));
    if (sure !== undefined) cells.push(make("td", { class: "mark" }, sure ? "certain" : ""));
    cells.push(make("td", { class: "number" }, digits(cosine)));
    return make("tr", {}, ...cells);
  });
  return make("table", {}, make("tbody", {}, ...rows));
}

/**
 * The parallelogram of an analogy in the plane through its three words, as a picture.
 * @param {Record<string, string>} names
 * @param {{a: XY, b: XY, c: XY, sum: XY, answer: XY}} found
 */
export function parallelogram(names, found) {
  /** @type {Record<string, XY>} */
  const corners = { b: found.b, a: found.a, c: found.c, sum: found.sum, answer: found.answer };
  const [xs, ys] = [0, 1].map((axis) => Object.values(corners).map((corner) => corner[axis]));
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = Math.min(190 / (right - left || 1), 110 / (high - low || 1));
  /** @param {XY} place */
  const at = ([x, y]) => [150 + (x - (left + right) / 2) * scale, 78 - (y - (low + high) / 2) * scale];
  const label = `${names.b}, ${names.a}, ${names.c}, their sum and ${names.answer} in a plane`;
  const picture = svg("svg", { viewBox: "0 0 300 156", role: "img", "aria-label": label, class: "plane" });
  for (const [from, to, kind] of [["b", "a", "side"], ["c", "sum", "side"], ["b", "c", "base"], ["a", "sum", "base"], ["sum", "answer", "gap"]]) {
    const [[x1, y1], [x2, y2]] = [at(corners[from]), at(corners[to])];
    picture.append(svg("line", { x1, y1, x2, y2, class: kind }));
  }
  for (const [name, corner] of Object.entries(corners)) {
    const [cx, cy] = at(corner);
    const above = corner[1] > (low + high) / 2;
    picture.append(svg("circle", { cx, cy, r: 4, class: name }));
    picture.append(svg("text", { x: cx, y: cy + (above ? -9 : 17), "text-anchor": "middle" }, names[name]));
  }
  return picture;
}

/** @param {number} n */
export function ordinal(n) {
  if (n === 1) return "first";
  const last = n % 100 > 10 && n % 100 < 14 ? 0 : n % 10;
  return n.toLocaleString("en") + (["th", "st", "nd", "rd"][last] ?? "th");
}
