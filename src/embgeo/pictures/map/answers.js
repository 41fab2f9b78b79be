// Answers: a token with its neighbors, or an expression, on every map of the page.

import { at, make } from "./dom.js";
import { isExpression } from "./expression.js";
import { isAnalogy, nearest, plane, question } from "./live.js";
import { KINDS } from "./colors.js";
import { nothing } from "./pane.js";
import { digits, ordinal, parallelogram, quoted, tokenList } from "./panel.js";
import { softmaxSection } from "./slider.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./pane.js").Pane} Pane */
/** @typedef {import("./expression.js").Term & {token: number}} FoundTerm */

const ANSWERS = 10;

/**
 * Choose a token of a map, and the one that is spelled the same on the other.
 * @param {Page} page
 * @param {Pane} pane
 * @param {number} token
 * @param {boolean} move the views too
 */
export function choose(page, pane, token, move = true) {
  page.query = "";
  page.again = page.whole ? null : () => choose(page, pane, token, move);
  at("query", HTMLInputElement).value = pane.words.label(token);
  page.say(...page.panes.flatMap((one) => {
    const own = one.twin(pane, token);
    Object.assign(one.scene, nothing());
    if (own < 0) return [...named(page, one), make("p", {}, `${pane.words.label(token)} is not one token on this map.`)];
    return [...named(page, one), ...neighborsOf(page, one, own, move)];
  }));
  page.moved();
}

/** The name of a map, where there are two. @param {Page} page @param {Pane} pane */
function named(page, pane) {
  return page.panes.length > 1 ? [make("h2", { class: "model" }, pane.name)] : [];
}

/** @param {Page} page @param {Pane} pane @param {number} token @param {boolean} move */
function neighborsOf(page, pane, token, move) {
  const { map, words } = pane;
  const [least, most] = map.about.norms;
  const length = (least + ((most - least) * map.norms[token]) / 65535).toFixed(3);
  const head = [make("h2", {}, words.label(token)), make("p", {}, `row ${map.ids[token]} · ${KINDS[map.kinds[token]]} · length ${length}`)];
  if (!pane.lists) {
    pane.scene.chosen = token;
    return [...head, make("p", {}, "Its nearest tokens are still being read.")];
  }
  const listed = pane.lists.of(token);
  const others = listed.map((one) => one.token);
  const marks = pane.near.areNear(token, others, map.about.near);
  const items = listed.map((one, k) => ({ ...one, mark: marks[k] }));
  const [near, torn] = [true, false].map((mark) => others.filter((_, k) => marks[k] === mark));
  Object.assign(pane.scene, { chosen: token, near, torn });
  if (move) pane.show([token, ...near]);
  /** @param {number} i */
  const next = (i) => choose(page, pane, i);
  return [
    ...head,
    make("p", {}, `Its nearest tokens by cosine in the model; ${near.length} of ${others.length} are near here, the picture tears ${torn.length} away.`),
    tokenList(words, items, next),
    ...(pane.matrix ? softmaxSection(pane, `id:${map.ids[token]}`, pane.matrix.row(token), next) : []),
  ];
}

/** Answer what was typed: a token, or an expression. @param {Page} page @param {string} text */
export function ask(page, text) {
  try {
    if (!isExpression(text)) {
      const pane = page.panes.find(({ words }) => words.find(text) >= 0) ?? page.panes[0];
      choose(page, pane, pane.read(text)[0].token);
      return;
    }
    if (!page.live) throw new Error("this page holds no matrix, so it can't compute; embgeo map --live float16 writes one that can");
    page.again = page.whole ? null : () => ask(page, text);
    const sections = page.panes.map((pane) => section(page, pane, text));
    const wrong = sections.find((one) => one instanceof Error);
    if (wrong instanceof Error && sections.every((one) => one instanceof Error)) throw wrong;
    page.query = text;
    at("query", HTMLInputElement).value = text;
    page.say(...sections.flatMap((one) => (one instanceof Error ? [make("p", { role: "alert" }, `${one.message}.`)] : one)));
    page.moved();
  } catch (error) {
    page.say(make("p", { role: "alert" }, `${/** @type {Error} */ (error).message}.`));
  }
}

/** An expression's answer on one map, or what is wrong with it there. @param {Page} page @param {Pane} pane @param {string} text */
function section(page, pane, text) {
  const { matrix, map } = pane;
  try {
    if (!matrix) throw new Error(map.about.live ? "the matrix is still being read" : `the map of ${pane.name} holds no matrix`);
    const terms = pane.read(text);
    const analogy = isAnalogy(terms);
    const asked = question(matrix, terms, analogy);
    const found = nearest(matrix, map.fold, asked, ANSWERS);
    const tokens = found.results.map((one) => one.token);
    Object.assign(pane.scene, nothing(), { named: [...asked.inputs, ...tokens] });
    pane.show([...asked.inputs, ...tokens.slice(0, 3)]);
    const shares = softmaxSection(pane, text, analogy ? question(matrix, terms, false).vector : asked.vector, (i) => choose(page, pane, i));
    return [...named(page, pane), ...answer(page, pane, text, terms, found), ...shares];
  } catch (error) {
    return /** @type {Error} */ (error);
  }
}

/**
 * @param {Page} page
 * @param {Pane} pane
 * @param {string} text
 * @param {FoundTerm[]} terms
 * @param {ReturnType<typeof nearest>} found
 */
function answer(page, pane, text, terms, { results, leftOut }) {
  const { words, map } = pane;
  const matrix = /** @type {import("./live.js").Matrix} */ (pane.matrix);
  const analogy = isAnalogy(terms);
  const items = results.map(({ token, cosine, sure }) => (matrix.exact ? { token, cosine } : { token, cosine, sure }));
  const places = leftOut.map(({ token, cosine, rank }) => `${words.label(token)} ${digits(cosine)} would be ${ordinal(rank)}`);
  const typed = analogy ? ["analogy", ...terms.map(({ term }) => term)] : ["neighbors", text];
  const same = `embgeo ${typed.map(quoted).join(" ")} --pieces ${map.about.naming}`;
  /** @type {Node[]} */
  const parts = [make("h2", {}, text), tokenList(words, items, (i) => choose(page, pane, i)), make("p", {}, `left out: ${places.join(", ")}`)];
  if (!matrix.exact) parts.push(make("p", {}, "Approximate: the rows are rounded to 8 bits. A rank marked certain is proven."));
  else if (matrix.rounded) parts.push(make("p", {}, "The rows are rounded to float16, so last digits can differ from the command's."));
  parts.push(make("p", {}, analogy ? "Rows at length 1, by cosine (3CosAdd). The same: " : "Raw rows, by cosine. The same: ", make("code", {}, same)));
  if (analogy && results.length) parts.push(...figure(pane, terms, results[0].token));
  return parts;
}

/** The plane of an analogy. @param {Pane} pane @param {FoundTerm[]} terms @param {number} best */
function figure({ words, matrix }, terms, best) {
  if (!matrix) return [];
  const found = plane(matrix, terms.map((one) => one.token), best, true);
  const [a, b, c] = terms.map((one) => words.label(one.token));
  const name = words.label(best);
  return [
    parallelogram({ a, b, c, sum: "the sum", answer: name }, found),
    make("p", {}, `The plane through ${a}, ${b} and ${c}, true to scale: the sum lies in it, ${name} lies ${found.off.toFixed(2)} off it (${a} to ${b} is ${found.side.toFixed(2)}).`),
  ];
}
