// The page: one map or two, what was asked, and a new frame whenever something has changed.

import { at, isNarrow } from "./dom.js";
import { toHash } from "./view.js";
import { nothing } from "./pane.js";
import { Pace } from "./pace.js";

/** @typedef {import("./pane.js").Pane} Pane */

const GAP = 14; // pixels between the footer and a map
const NAME = 24; // pixels of a map's name above it
const STOPPED = 140; // milliseconds without a movement after which the map stands still

export class Page {
  constructor() {
    /** @type {Pane[]} */
    this.panes = [];
    this.mode = "kind";
    this.query = "";
    this.lassoing = false;
    /** Whether the tools are shown on a phone; null until the user decides. @type {boolean | null} */
    this.tools = null;
    this.moving = 0; // when the map last moved, 0 while it stands still
    this.quiet = 0; // frames since then
    this.frame = 0;
    this.changed = false;
    this.pace = new Pace();
    this.whole = false; // whether all blocks have been read
    /** What to do again when more has been read. @type {(() => void) | null} */
    this.again = null;
    this.ratio = 1;
  }

  /** Whether an answer can be computed here. */
  get live() {
    return this.panes.some(({ map }) => map.about.live);
  }

  /** Give each map its part of the window: side by side, or one below the other on a phone. */
  resize() {
    this.ratio = Math.min(3, devicePixelRatio || 1);
    const [width, height] = [innerWidth, innerHeight];
    this.arrange();
    const panel = at("panel", HTMLElement).getBoundingClientRect();
    const footer = at("facts", HTMLElement).getBoundingClientRect().height + GAP;
    // The whole window belongs to the maps; what the panel, the footer and a map's name cover is free of labels.
    const covered = isNarrow() ? { left: 0, top: panel.bottom, right: 0 } : { left: panel.right, top: 6, right: 6 };
    const room = { width: width - covered.left, height: height - (isNarrow() ? covered.top : 0) - footer };
    const count = this.panes.length;
    const across = room.width / count > room.height / count && !isNarrow();
    this.panes.forEach((pane, i) => {
      const [first, last] = [i === 0, i === count - 1];
      const free = { ...covered, top: covered.top + (count > 1 ? NAME : 0), bottom: footer };
      /** @param {number} start @param {number} size @param {number} end */
      const part = (start, size, end) => ({ from: first ? 0 : start + (i * size) / count, to: last ? end : start + ((i + 1) * size) / count });
      const [x, y] = [part(covered.left, room.width, width), part(height - footer - room.height, room.height, height)];
      if (across) {
        pane.place({ left: x.from, top: 0, width: x.to - x.from, height }, { ...free, left: first ? free.left : 0 }, this.ratio);
      } else {
        const own = { ...free, top: first ? free.top : NAME, bottom: last ? footer : 0 };
        pane.place({ left: 0, top: y.from, width, height: y.to - y.from }, own, this.ratio);
      }
    });
    this.redraw();
  }

  /** On a phone an answer, or a second map, replaces the tools until the user opens them. */
  arrange() {
    const open = !isNarrow() || (this.tools ?? !(this.panes.length > 1 || at("chosen", HTMLElement).hasChildNodes()));
    at("panel", HTMLElement).classList.toggle("brief", !open);
    at("more", HTMLElement).setAttribute("aria-expanded", String(open));
  }

  redraw() {
    this.changed = true;
    this.frame ||= requestAnimationFrame((now) => this.next(now));
  }

  moved() {
    this.moving = performance.now();
    this.quiet = 0;
    this.redraw();
  }

  /** The next frame: while the map moves there is one after it, and once it has stopped the picture is drawn in full. @param {number} now */
  next(now) {
    this.frame = 0;
    if (this.moving && this.quiet++ > 1 && now - this.moving > STOPPED) {
      this.moving = 0;
      this.changed = true;
      this.remember();
    }
    if (this.moving) {
      this.frame = requestAnimationFrame((then) => this.next(then));
      this.pace.frame(now, this.changed);
    } else this.pace.rest();
    if (this.changed) this.draw();
  }

  draw() {
    this.changed = false;
    const { points, labels } = this.moving ? this.pace : { points: Infinity, labels: 1 };
    for (const pane of this.panes) pane.draw(points / this.panes.length, labels, this.ratio);
  }

  /** Write the state into the address. */
  remember() {
    const first = this.panes.findIndex((pane) => pane.scene.chosen >= 0);
    const chosen = this.panes[first];
    const views = this.panes.map(({ view }) =>
      view.scale === view.fitted ? "" : [view.x.toFixed(1), view.y.toFixed(1), view.zoom.toFixed(3)].join(","));
    const hash = toHash({
      token: chosen ? chosen.map.ids[chosen.scene.chosen] : "", on: first > 0 ? first : "", ask: this.query,
      color: this.mode === "kind" ? "" : this.mode,
      direction: this.mode === "direction" ? this.panes.find((pane) => pane.direction)?.direction?.name : "",
      view: views[0], view2: views[1], theme: document.documentElement.dataset.theme ?? "",
    });
    if (hash === location.hash || (hash === "#" && !location.hash)) return;
    try {
      history.replaceState(null, "", hash);
    } catch {
      // a frame without an address of its own, as in a notebook
    }
  }

  /** Show an answer. @param {...(Node | string)} children */
  say(...children) {
    const chosen = at("chosen", HTMLElement);
    const held = chosen.contains(document.activeElement);
    chosen.replaceChildren(...children);
    if (held) chosen.focus({ preventScroll: true }); // or the next Tab would start at the top of the page
    if (isNarrow()) this.resize();
  }

  /** Do again what had to wait for more of the page. */
  goOn() {
    const { again } = this;
    this.again = null;
    again?.();
  }

  clear() {
    for (const pane of this.panes) Object.assign(pane.scene, nothing(), { hover: -1 });
    this.query = "";
    this.again = null;
    at("query", HTMLInputElement).value = "";
    this.say();
    this.redraw();
    this.remember();
  }
}
