// Pointer control of a map: pan, zoom, hover, choose, and draw a lasso.

import { choose } from "./answers.js";
import { select } from "./lasso.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./pane.js").Pane} Pane */

const FEWEST = 4; // corners of a lasso
const STILL = { mouse: 5, finger: 14 }; // pixels that a click may move
const REACH = { mouse: 12, finger: 22 }; // pixels between a click and its token

/** @param {Page} page @param {Pane} pane @param {number} token */
function hover(page, pane, token) {
  pane.overlay.canvas.title = token < 0 ? "" : pane.words.label(token);
  if (token === pane.scene.hover) return;
  for (const one of page.panes) one.scene.hover = one.twin(pane, token);
  page.redraw();
}

/** @param {Page} page @param {Pane} pane */
export function listenToPointer(page, pane) {
  const { canvas } = pane.overlay;
  /** @type {Map<number, [number, number]>} */
  const pointers = new Map();
  let travel = 0;
  let pinched = false; // whether a second finger has come since the first
  /** @type {[number, number][] | null} */
  let line = null;
  const spread = () => {
    const [[ax, ay], [bx, by]] = [...pointers.values()];
    return { gap: Math.hypot(bx - ax, by - ay), x: (ax + bx) / 2, y: (ay + by) / 2 };
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
    travel = 0;
    pinched = pointers.size > 1;
    if (line) pane.scene.lasso = []; // a second finger ends it
    line = (page.lassoing || event.shiftKey) && pointers.size === 1 ? [[event.offsetX, event.offsetY]] : null;
  });
  canvas.addEventListener("pointermove", (event) => {
    const [x, y] = [event.offsetX, event.offsetY];
    const before = pointers.get(event.pointerId);
    if (!before) {
      hover(page, pane, pane.tokenAt(x, y));
      return;
    }
    travel += Math.hypot(x - before[0], y - before[1]);
    const old = pointers.size === 2 ? spread() : null;
    pointers.set(event.pointerId, [x, y]);
    if (line) {
      line.push([x, y]);
      pane.scene.lasso = line;
      page.redraw();
      return;
    }
    if (old) {
      const now = spread();
      pane.view.zoomAt(now.gap / (old.gap || 1), now.x, now.y);
      pane.view.pan(now.x - old.x, now.y - old.y);
    } else pane.view.pan(x - before[0], y - before[1]);
    page.moved();
  });
  canvas.addEventListener("pointerup", (event) => {
    pointers.delete(event.pointerId);
    const kind = event.pointerType === "touch" ? "finger" : "mouse";
    if (line && line.length > FEWEST) select(page, pane, line);
    else if (travel < STILL[kind] && !pinched) {
      const token = pane.tokenAt(event.offsetX, event.offsetY, REACH[kind]);
      if (token >= 0) choose(page, pane, token, false);
    }
    line = null;
  });
  canvas.addEventListener("pointercancel", (event) => {
    pointers.delete(event.pointerId);
    if (!line) return;
    line = null;
    pane.scene.lasso = [];
    page.redraw();
  });
  canvas.addEventListener("pointerleave", () => hover(page, pane, -1));
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    pane.view.zoomAt(Math.pow(1.0016, -event.deltaY * (event.deltaMode ? 30 : 1)), event.offsetX, event.offsetY);
    page.moved();
  }, { passive: false });
}
