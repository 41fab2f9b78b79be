// Elements of the page. Texts of the vocabulary only ever become text nodes.

/**
 * The element with an id, which must be of this kind.
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
export function at(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`);
  return found;
}

/**
 * The text of a block of the page, once all of it has been read.
 * @param {string} id
 * @returns {Promise<string>}
 */
export function blockText(id) {
  return new Promise((resolve) => {
    const watch = new MutationObserver(look);
    function look() {
      const found = document.getElementById(id);
      if (!found || (!found.nextElementSibling && document.readyState === "loading")) return;
      watch.disconnect();
      resolve(found.textContent ?? "");
    }
    watch.observe(document.body, { childList: true });
    document.addEventListener("DOMContentLoaded", look, { once: true });
    look();
  });
}

/**
 * An element with attributes and children; strings become text.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name
 * @param {Record<string, unknown>} attributes `onclick` is a function
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "onclick") element.addEventListener("click", /** @type {EventListener} */ (value));
    else if (value !== undefined && value !== false) element.setAttribute(key, String(value));
  }
  element.append(...children);
  return element;
}

/**
 * An element of a drawing.
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 * @param {string} [text]
 */
export function svg(name, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}

/** Whether the page is as narrow as a phone: the panel is then above the map. */
export function isNarrow() {
  return innerWidth <= 700;
}

/** Whether the page is dark: by its own button, or as the device prefers. */
export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}
