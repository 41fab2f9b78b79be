// Expressions as the command line reads them: `king - man + woman`, `0.5 * (paris + "rome")`.

const OPERATORS = { "+": "+", "-": "-", "−": "-", "–": "-", "*": "*", "×": "*", "/": "/" };
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** Whether a text has an operator between spaces, and something else; or begins with `E(`. */
export function isExpression(text) {
  const words = text.split(/\s+/).filter(Boolean);
  if (!words.length) return false;
  return (words.length > 1 && words.some((word) => word in OPERATORS)) || (/^[Ee]\(/.test(words[0]) && text.includes(")"));
}

function wordLength(word) {
  let depth = 0;
  for (let place = 0; place < word.length; place++) {
    depth += (word[place] === "(" ? 1 : 0) - (word[place] === ")" ? 1 : 0);
    if (depth < 0) return place;
  }
  return word.length;
}

function quoteEnd(text, start) {
  for (let at = text.indexOf(text[start], start + 1); at > 0; at = text.indexOf(text[start], at + 1)) {
    if (at > start + 1 && (at + 1 === text.length || text[at + 1] === ")" || /\s/.test(text[at + 1]))) return at + 1;
  }
  throw new Error("a quote has no end, or is empty");
}

function pieces(text) {
  const found = [];
  let at = 0;
  for (;;) {
    while (at < text.length && /\s/.test(text[at])) at++;
    if (at >= text.length) return found;
    const start = at;
    const opened = ["(", "E(", "e("].find((mark) => text.startsWith(mark, at));
    let kind = "word";
    if (opened) [kind, at] = ["(", at + opened.length];
    else if (text[at] === ")") [kind, at] = [")", at + 1];
    else if (text[at] === '"' || text[at] === "'") [kind, at] = ["exact", quoteEnd(text, at)];
    else {
      at = start + wordLength(/\S+/.exec(text.slice(start))[0]);
      if (start > 0 && text[start - 1] === ")" && text[start] in OPERATORS) at = start + 1;
      kind = OPERATORS[text.slice(start, at)] ?? "word";
    }
    const after = text[at] ?? "";
    const fine = after === "" || after === ")" || /\s/.test(after) || (kind === ")" && after in OPERATORS);
    if ((kind === "exact" || kind === ")") && !fine) throw new Error("a space and an operator are missing");
    found.push({ kind, start, stop: at });
  }
}

/** A text as weighted terms [{term, weight}], in the order typed. Throws an Error that says what is wrong. */
export function parseExpression(text) {
  if (!isExpression(text)) return [{ term: text.trim(), weight: 1 }];
  const all = pieces(text);
  let at = 0;
  const kind = () => all[at]?.kind ?? "";
  const source = (first) => text.slice(all[first].start, all[at - 1].stop);

  function sum() {
    const terms = [];
    let sign = 1;
    if (kind() === "+" || kind() === "-") sign = all[at++].kind === "-" ? -1 : 1;
    for (;;) {
      for (const { term, weight } of product()) terms.push({ term, weight: sign * weight });
      if (kind() !== "+" && kind() !== "-") return terms;
      sign = all[at++].kind === "-" ? -1 : 1;
    }
  }
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
    const size = factors.reduce((all, one) => (typeof one === "string" ? all * Number(one) : all), 1) / divisor;
    return vectors[0].map(({ term, weight }) => ({ term, weight: weight * size }));
  }
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
