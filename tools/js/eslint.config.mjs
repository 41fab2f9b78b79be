// The rules for a map's JavaScript: eslint's recommended ones, and what keeps text of the vocabulary from becoming code.
import js from "@eslint/js";

const browser = [
  "Blob", "DataView", "DecompressionStream", "Element", "HTMLCanvasElement", "HTMLElement",
  "HTMLInputElement", "HTMLSelectElement", "MutationObserver", "ReadableStream", "TextDecoder", "URL", "addEventListener", "atob", 
  "cancelAnimationFrame", "clearTimeout", "devicePixelRatio", "document", "getComputedStyle", "history", "innerHeight", "innerWidth", "location",
  "matchMedia", "navigator", "performance", "requestAnimationFrame", "setTimeout",
];
const markup = ["innerHTML", "outerHTML", "insertAdjacentHTML", "write", "createContextualFragment"];

export default [
  js.configs.recommended,
  {
    languageOptions: { globals: Object.fromEntries(browser.map((name) => [name, "readonly"])) },
    rules: {
      "eqeqeq": "error", "no-var": "error", "prefer-const": "error", "no-shadow": "error", "no-implied-eval": "error",
      "no-eval": "error", "no-new-func": "error", "curly": ["error", "multi-line"], "no-empty": ["error", { allowEmptyCatch: true }],
      "max-lines": ["error", 250], "max-lines-per-function": ["error", { max: 70 }], "complexity": ["error", 16],
      "no-restricted-properties": ["error", ...markup.map((property) => ({ property, message: "Tokens are text: use make." }))],
    },
  },
];
