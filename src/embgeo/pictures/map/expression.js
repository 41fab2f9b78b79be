// Expressions as the command line reads them: `king - man + woman`, `0.5 * (paris + "rome")`.

/** @typedef {{term: string, weight: number}} Term */

/** @type {Record<string, string>} */
const OPERATORS = { "+": "+", "-": "-", "−": "-", "–": "-", "*": "*", "×": "*", "/": "/" };
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/**
 * Whether a text has an operator between spaces, and something else; or begins with `E(`.
 * @param {string} text
 */
export function isExpression(text) {
  const words = text.split(/\s+/).filter(Boolean);
  if (!words.length) return false;
  return (words.length > 1 && words.some((word) => word in OPERATORS)) || (/^[Ee]\(/.test(words[0]) && text.includes(")"));
}

/** @param {string} word */
function wordLength(word) {
  let depth = 0;
  for (let place = 0; place < word.length; place++) {
    depth += (word[place] === "(" ? 1 : 0) - (word[place] === ")" ? 1 : 0);
    if (depth < 0) return place;
  }
  return word.length;
}

/** @param {string} text @param {number} start */
function quoteEnd(text, start) {
  for (let at = text.indexOf(text[start], start + 1); at > 0; at = text.indexOf(text[start], at + 1)) {
    if (at > start + 1 && (at + 1 === text.length || text[at + 1] === ")" || /\s/.test(text[at + 1]))) return at + 1;
  }
  throw new Error("a quote has no end, or is empty");
}

/** The kind of the piece that starts at a place, and where it stops. @param {string} text @param {number} start */
function pieceAt(text, start) {
  const opened = ["(", "E(", "e("].find((mark) => text.startsWith(mark, start));
  if (opened) return { kind: "(", stop: start + opened.length };
  if (text[start] === ")") return { kind: ")", stop: start + 1 };
  if (text[start] === '"' || text[start] === "'") return { kind: "exact", stop: quoteEnd(text, start) };
  const afterParenthesis = start > 0 && text[start - 1] === ")" && text[start] in OPERATORS;
  const stop = afterParenthesis ? start + 1 : start + wordLength((/\S+/.exec(text.slice(start)) ?? [""])[0]);
  return { kind: OPERATORS[text.slice(start, stop)] ?? "word", stop };
}

/** @param {string} text */
function pieces(text) {
  /** @type {{kind: string, start: number, stop: number}[]} */
  const found = [];
  let at = 0;
  for (;;) {
    while (at < text.length && /\s/.test(text[at])) at++;
    if (at >= text.length) return found;
    const { kind, stop } = pieceAt(text, at);
    const after = text[stop] ?? "";
    const fine = after === "" || after === ")" || /\s/.test(after) || (kind === ")" && after in OPERATORS);
    if ((kind === "exact" || kind === ")") && !fine) throw new Error("a space and an operator are missing");
    found.push({ kind, start: at, stop });
    at = stop;
  }
}

/**
 * A text as weighted terms, in the order typed. Throws an Error that says what is wrong.
 * @param {string} text
 * @returns {Term[]}
 */
export function parseExpression(text) {
  if (!isExpression(text)) return [{ term: text.trim(), weight: 1 }];
  const all = pieces(text);
  let at = 0;
  const kind = () => all[at]?.kind ?? "";
  /** @param {number} first */
  const source = (first) => text.slice(all[first].start, all[at - 1].stop);

  /** @returns {Term[]} */
  function sum() {
    /** @type {Term[]} */
    const terms = [];
    let sign = 1;
    if (kind() === "+" || kind() === "-") sign = all[at++].kind === "-" ? -1 : 1;
    for (;;) {
      for (const { term, weight } of product()) terms.push({ term, weight: sign * weight });
      if (kind() !== "+" && kind() !== "-") return terms;
      sign = all[at++].kind === "-" ? -1 : 1;
    }
  }
  /** @returns {Term[]} */
  function product() {
    const first = at;
    const factors = [factor()];
    let divisor = 1;
    while (kind() === "*" || kind() === "/") {
      const operator = all[at++].kind;
      const next = factor();
      if (operator === "*") factors.push(next);
      else if (typeof next !== "string") throw new Error("only a number divides a vector");
      else if (Number(next) === 0) throw new Error("a vector can't be divided by 0");
      else divisor *= Number(next);
    }
    if (factors.length === 1 && typeof factors[0] === "string" && at === first + 1) return [{ term: factors[0], weight: 1 }];
    const vectors = factors.filter((one) => typeof one !== "string");
    if (vectors.length !== 1) throw new Error(vectors.length ? "two vectors can't be multiplied" : "there are only numbers here");
    const scale = factors.reduce((size, one) => (typeof one === "string" ? size * Number(one) : size), 1) / divisor;
    return vectors[0].map(({ term, weight }) => ({ term, weight: weight * scale }));
  }
  /** A number as its text, or terms. @returns {string | Term[]} */
  function factor() {
    if (kind() === "(") {
      at++;
      const terms = sum();
      if (kind() !== ")") throw new Error(kind() ? "an operator is missing" : "a parenthesis is never closed");
      at++;
      return terms;
    }
    const first = at;
    if (kind() === "exact") {
      at++;
      return [{ term: source(first), weight: 1 }];
    }
    if (kind() !== "word") throw new Error("a term is missing");
    while (kind() === "word") at++;
    const words = source(first);
    return NUMBER.test(words) ? words : [{ term: words, weight: 1 }];
  }

  const terms = sum();
  if (kind()) throw new Error(kind() === ")" ? "a parenthesis was never opened" : "an operator is missing");
  return terms;
}
