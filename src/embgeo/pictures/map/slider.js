// The softmax of what was asked, at a temperature that a slider sets.

import { make } from "./dom.js";
import { Logits } from "./softmax.js";
import { quoted, shortest } from "./panel.js";

/** @typedef {import("./pane.js").Pane} Pane */

const LIKELIEST = 10;
const STEPS = 20; // of the slider, for each power of ten

/** A temperature as the command is told it. @param {number} step of the slider */
export function temperatureAt(step) {
  return Number((10 ** (step / STEPS)).toPrecision(2));
}

/** Four digits, as the command writes them. @param {number} number */
function four(number) {
  return shortest(number).toFixed(4).replace(/^-(0\.0+)$/, "$1");
}

/** A share in percent with four digits, as the command writes it. @param {number} share */
function percent(share) {
  return `${(100 * shortest(share)).toFixed(4)}%`;
}

/**
 * The section below an answer: closed until it is opened, since it needs all logits.
 * @param {Pane} pane
 * @param {string} text what was asked
 * @param {Float64Array} vector
 * @param {(token: number) => void} choose
 * @returns {HTMLElement[]}
 */
export function softmaxSection(pane, text, vector, choose) {
  const { unembedding, map, words } = pane;
  const own = map.about.softmax;
  if (!unembedding || !own) return [];
  const section = make("details", { class: "softmax" }, make("summary", {}, "Likeliest tokens (logits and softmax)"));
  const slider = make("input", { type: "range", min: -2 * STEPS, max: STEPS, value: 0, "aria-label": "Temperature" });
  const [said, body, same] = [make("output"), make("tbody"), make("code")];
  const [entropy, note] = [make("p"), make("p", {}, own.note)];
  /** @type {Logits | null} */
  let logits = null;
  const draw = () => {
    logits ??= new Logits(unembedding, vector, own.zeros);
    const temperature = temperatureAt(Number(slider.value));
    const found = logits.at(temperature, LIKELIEST);
    said.textContent = `T = ${temperature}`;
    slider.setAttribute("aria-valuetext", `temperature ${temperature}`);
    body.replaceChildren(...found.results.map(({ token, logit, share }) => {
      const name = make("button", { type: "button", class: "token", onclick: () => choose(token) }, words.label(token));
      const bar = make("i", { class: "bar", "aria-hidden": true });
      bar.style.width = `${100 * share}%`;
      return make("tr", {}, make("td", {}, name, bar), make("td", { class: "number" }, four(logit)), make("td", { class: "number share" }, percent(share)));
    }));
    entropy.textContent = `entropy ${four(found.entropy)} nats of all tokens`;
    same.textContent = `embgeo unembed ${quoted(text)} -T ${temperature} ${map.about.naming}`;
  };
  slider.addEventListener("input", draw);
  section.addEventListener("toggle", () => section.open && draw());
  const head = make("thead", {}, make("tr", {}, ...["token", "logit", "share"].map((name) => make("th", { scope: "col" }, name))));
  section.append(make("div", { class: "tools" }, slider, said), make("table", {}, head, body), entropy);
  if (own.note) section.append(note);
  section.append(make("p", {}, "The same: ", same));
  return [section];
}
