// The buttons and choices of the panel, and changes of the window and the device.

import { at, isDark } from "./dom.js";
import { recolor, setMode } from "./coloring.js";
import { restore } from "./link.js";

/** @param {import("./page.js").Page} page */
export function listenToTools(page) {
  const [mode, direction] = [at("mode", HTMLSelectElement), at("direction", HTMLInputElement)];
  mode.addEventListener("change", () => {
    setMode(page, mode.value);
    page.remember();
  });
  direction.addEventListener("change", () => {
    setMode(page, "direction", direction.value);
    page.remember();
  });
  at("all", HTMLElement).addEventListener("click", () => {
    for (const pane of page.panes) pane.view.fit();
    page.moved();
  });
  at("dark", HTMLElement).addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    recolor(page);
    page.remember();
  });
  at("more", HTMLElement).addEventListener("click", (event) => {
    page.tools = /** @type {HTMLElement} */ (event.currentTarget).getAttribute("aria-expanded") === "false";
    page.resize();
  });
  at("how", HTMLElement).addEventListener("click", (event) => {
    const opened = at("facts", HTMLElement).classList.toggle("open");
    /** @type {HTMLElement} */ (event.currentTarget).setAttribute("aria-expanded", String(opened));
    page.resize();
  });
  const lasso = at("lasso", HTMLElement);
  lasso.addEventListener("click", () => {
    page.lassoing = !page.lassoing;
    lasso.setAttribute("aria-pressed", String(page.lassoing));
    for (const pane of page.panes) pane.overlay.canvas.classList.toggle("lasso", page.lassoing);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => recolor(page));
  addEventListener("resize", () => page.resize());
  addEventListener("hashchange", () => restore(page));
}
