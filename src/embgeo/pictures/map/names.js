// Names of tokens in the picture: where they go, so that none covers another, and how they are drawn.

import { Boxes } from "./labels.js";

/** @typedef {import("./view.js").View} View */
/** A name as drawn last. @typedef {{token: number, left: number, top: number, right: number, bottom: number}} Label */
/** A token's text as drawn, and its width in pixels, usual and bold, once it is measured. @typedef {{text: string, widths: [number, number]}} Known */

const HALF = 7; // of a name's height
const NARROW = 6; // pixels of a narrow name
const LONGEST = 24; // characters
const FONTS = ["12px system-ui, sans-serif", "600 13px system-ui, sans-serif"];
// Where a name may go: the offset of its left end from its point, in widths and in pixels, and of its middle, in pixels.
const OVER = [[-0.5, 0, 0]];
const CLOSE = [[0, 7, 0], [-1, -7, 0], [-0.5, 0, -13], [-0.5, 0, 13]];
const AROUND = [...CLOSE, [0, 7, -12], [0, 7, 12], [-1, -7, -12], [-1, -7, 12]];

export class Names {
  /**
   * @param {CanvasRenderingContext2D} context
   * @param {(token: number) => string} textOf
   */
  constructor(context, textOf) {
    this.context = context;
    this.textOf = textOf;
    /** @type {Map<number, Known>} */
    this.known = new Map();
    /** @type {Map<number, Label>} */
    this.labels = new Map();
    this.boxes = new Boxes();
    this.bold = -1;
    this.paper = "";
  }

  /** Begin a new picture. @param {string} paper the color behind it */
  clear(paper) {
    this.paper = paper;
    this.labels.clear();
    this.boxes = new Boxes();
    this.bold = -1;
  }

  /** @param {number} token */
  know(token) {
    const known = this.known.get(token);
    if (known) return known;
    const text = this.textOf(token);
    /** @type {Known} */
    const found = { text: text.length > LONGEST ? text.slice(0, LONGEST - 1) + "…" : text, widths: [0, 0] };
    this.known.set(token, found);
    return found;
  }

  /** @param {number} bold 0 or 1 */
  font(bold) {
    if (bold !== this.bold) this.context.font = FONTS[bold];
    this.bold = bold;
  }

  /**
   * Name a token if there is room: over its point from afar, next to it from close by.
   * @param {View} view
   * @param {number} token
   * @param {number} x in pixels
   * @param {number} y
   * @param {boolean} important
   * @param {string} color
   */
  put(view, token, x, y, important, color) {
    if (this.labels.has(token)) return false;
    const bold = Number(important);
    const { free, width, height } = view;
    for (const [share, across, down] of important ? AROUND : view.zoom < 4 ? OVER : CLOSE) {
      const [top, bottom] = [y + down - HALF, y + down + HALF];
      const narrow = x + across + share * NARROW;
      if (top < free.top || bottom > height - free.bottom || !this.boxes.isFree(narrow, top, narrow + NARROW, bottom)) continue;
      const known = this.know(token);
      this.font(bold);
      known.widths[bold] ||= this.context.measureText(known.text).width;
      const left = x + across + share * known.widths[bold];
      const right = left + known.widths[bold];
      if (left < free.left + 2 || right > width - 4 || !this.boxes.put(left, top, right, bottom)) continue;
      this.labels.set(token, { token, left, top, right, bottom });
      this.draw(known.text, left, y + down, color);
      return true;
    }
    return false;
  }

  /** @param {string} text @param {number} left @param {number} middle @param {string} color */
  draw(text, left, middle, color) {
    const { context } = this;
    context.lineWidth = 4;
    context.lineJoin = "round";
    context.strokeStyle = this.paper;
    context.strokeText(text, left, middle);
    context.fillStyle = color;
    context.fillText(text, left, middle);
  }
}
