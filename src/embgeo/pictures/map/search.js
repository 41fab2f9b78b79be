// The search: completion by keys and pointer, and Enter to ask.

import { at, make } from "./dom.js";
import { isExpression } from "./expression.js";
import { ask, choose } from "./answers.js";

/** @param {import("./page.js").Page} page */
export function listenToSearch(page) {
  const [input, list] = [at("query", HTMLInputElement), at("completions", HTMLElement)];
  /** @type {{pane: import("./pane.js").Pane, token: number}[]} */
  let found = [];
  let marked = -1;
  const close = () => {
    list.hidden = true;
    marked = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  /** @param {number} to */
  const mark = (to) => {
    marked = to;
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === marked)));
    input.setAttribute("aria-activedescendant", list.children[marked].id);
  };
  /** @param {number} i */
  const take = (i) => {
    close();
    choose(page, found[i].pane, found[i].token);
  };
  input.addEventListener("input", () => {
    const text = input.value;
    if (!text) page.clear();
    found = [];
    for (const pane of isExpression(text) ? [] : page.panes) {
      found = pane.words.complete(text).map((token) => ({ pane, token }));
      if (found.length) break;
    }
    list.replaceChildren(...found.map(({ pane: { words }, token }, i) => {
      const item = make("li", { role: "option", id: `completion${i}`, "aria-selected": "false" }, words.label(token));
      item.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        take(i);
      });
      return item;
    }));
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(found.length > 0));
    input.removeAttribute("aria-activedescendant");
    marked = -1;
  });
  input.addEventListener("keydown", (event) => {
    const count = list.hidden ? 0 : found.length;
    if (event.key === "ArrowDown" && count) mark((marked + 1) % count);
    else if (event.key === "ArrowUp" && count) mark(marked < 0 ? count - 1 : (marked + count - 1) % count);
    else if (event.key === "Enter") {
      if (marked >= 0) take(marked);
      else if (input.value.trim()) {
        close();
        ask(page, input.value);
      }
    } else if (event.key === "Escape") {
      if (list.hidden) page.clear();
      else close();
    } else return;
    event.preventDefault();
  });
  input.addEventListener("blur", close);
}
