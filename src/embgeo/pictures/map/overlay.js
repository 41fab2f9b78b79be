// What is drawn over the points: labels, the chosen token with its neighbors, arrows, the lasso.

import { Boxes } from "./labels.js";

/** @typedef {import("./data.js").MapData} MapData */
/** @typedef {import("./view.js").View} View */
/** @typedef {[number, number]} XY */
/** A label as drawn last. @typedef {{token: number, left: number, top: number, right: number, bottom: number}} Label */
/**
 * What stands out; -1 is no token.
 * @typedef {object} Scene
 * @property {number} chosen
 * @property {number} hover
 * @property {number[]} near neighbors of the chosen token that are near in the picture too
 * @property {number[]} torn those that are not
 * @property {number[]} named words of an expression and its answers
 * @property {number[]} selected by a lasso, in this map or in the other
 * @property {XY[]} lasso in pixels
 * @property {[number, number][]} arrows
 * @property {[number, string][]} marked tokens of groups, with their colors
 */

const MOST = 12000; // points looked at for labels in one frame
const MOST_OFFERED = 400; // tokens of groups that are offered a label first
const HALF = 7; // of a label's height

/**
 * Where a label of this width may stand, from its point: over it from afar, next to it from close by.
 * @param {number} width
 * @param {boolean} bold
 * @param {number} zoom
 */
function sidesOf(width, bold, zoom) {
  if (!bold && zoom < 4) return [[-width / 2, 0]];
  const close = [[7, 0], [-7 - width, 0], [-width / 2, -13], [-width / 2, 13]];
  return bold ? [...close, [7, -12], [7, 12], [-7 - width, -12], [-7 - width, 12]] : close;
}

const DASHES = [4, 5]; // of the lines to neighbors that are torn away

/** Whether all but a few tokens step back. @param {Scene} scene */
export function isFaded(scene) {
  return scene.chosen >= 0 || scene.named.length > 0 || scene.selected.length > 0 || scene.marked.length > 0;
}

/** The names of CSS variables as colors. */
export function theme() {
  const style = getComputedStyle(document.documentElement);
  /** @param {string} name */
  const at = (name) => style.getPropertyValue(`--${name}`).trim();
  return { ink: at("ink"), paper: at("paper"), accent: at("accent"), faint: at("faint") };
}

export class Overlay {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {MapData} map
   * @param {import("./words.js").Words} words
   * @param {number[]} order in which tokens get a label
   */
  constructor(canvas, map, words, order) {
    const context = canvas.getContext("2d");
    if (!context) throw new Error("this browser draws on no canvas");
    this.canvas = canvas;
    this.context = context;
    this.map = map;
    this.words = words;
    this.order = order;
    this.colors = theme();
    /** @type {Label[]} */
    this.labels = [];
    /** @type {Set<number>} */
    this.labeled = new Set(); // their tokens
    /** @type {Map<string, number>} */
    this.widths = new Map();
  }

  /** @param {View} view @param {Scene} scene @param {number} ratio */
  draw(view, scene, ratio) {
    const { context } = this;
    this.colors = theme();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, view.width, view.height);
    context.textBaseline = "middle";
    this.labels = [];
    this.labeled.clear();
    const boxes = new Boxes();
    for (const [i, color] of scene.marked) this.dot(this.spot(view, i), 3.5, color);
    for (const i of scene.selected) this.dot(this.spot(view, i), 2.5);
    this.lines(view, scene);
    scene.arrows.forEach(([a, b]) => this.arrow(this.spot(view, a), this.spot(view, b)));
    const important = [...new Set([scene.chosen, scene.hover, ...scene.named, ...scene.near, ...scene.torn])].filter((i) => i >= 0);
    for (const i of important) this.dot(this.spot(view, i), i === scene.chosen || i === scene.hover ? 5 : 3.5);
    for (const i of important) this.label(view, boxes, i, true, this.colors.accent);
    for (const i of scene.arrows.flat()) this.label(view, boxes, i, true, this.colors.ink);
    for (const [i] of scene.marked.slice(0, MOST_OFFERED)) this.label(view, boxes, i, true, this.colors.ink);
    this.regions(view, boxes, scene);
    this.lasso(scene.lasso);
  }

  /** @param {View} view @param {number} i */
  spot(view, i) {
    return view.toScreen(this.map.x[i], this.map.y[i]);
  }

  /** @param {View} view @param {XY} place */
  inView(view, [x, y]) {
    return x > view.free.left - 20 && x < view.width && y > view.free.top && y < view.height - view.free.bottom;
  }

  /** @param {View} view @param {Boxes} boxes @param {Scene} scene */
  regions(view, boxes, scene) {
    const room = (view.width - view.free.left) * (view.height - view.free.top - view.free.bottom);
    const most = Math.min(260, room / 4200);
    const faded = isFaded(scene);
    let drawn = 0;
    for (let at = 0; at < this.order.length && at < MOST * Math.max(1, view.zoom) && drawn < most; at++) {
      const i = this.order[at];
      if (this.inView(view, this.spot(view, i)) && this.label(view, boxes, i, false, faded ? this.colors.faint : this.colors.ink)) drawn++;
    }
  }

  /** @param {string} text @param {boolean} bold */
  width(text, bold) {
    const key = (bold ? "b" : "n") + text;
    const known = this.widths.get(key) ?? this.context.measureText(text).width;
    this.widths.set(key, known);
    return known;
  }

  /** @param {View} view @param {Boxes} boxes @param {number} i @param {boolean} bold @param {string} color */
  label(view, boxes, i, bold, color) {
    if (this.labeled.has(i)) return false;
    const { context } = this;
    const [x, y] = this.spot(view, i);
    if (!this.inView(view, [x, y])) return false;
    let text = this.words.label(i);
    if (text.length > 24) text = text.slice(0, 23) + "…";
    context.font = `${bold ? "600 13px" : "12px"} system-ui, sans-serif`;
    const width = this.width(text, bold);
    for (const [dx, dy] of sidesOf(width, bold, view.zoom)) {
      const [left, top] = [x + dx, y + dy - HALF];
      if (left < view.free.left + 2 || left + width > view.width - 4 || top < view.free.top || top + 2 * HALF > view.height - view.free.bottom) continue;
      if (!boxes.put(left, top, left + width, top + 2 * HALF)) continue;
      this.labeled.add(i);
      this.labels.push({ token: i, left, top, right: left + width, bottom: top + 2 * HALF });
      context.lineWidth = 4;
      context.lineJoin = "round";
      context.strokeStyle = this.colors.paper;
      context.strokeText(text, left, y + dy);
      context.fillStyle = color;
      context.fillText(text, left, y + dy);
      return true;
    }
    return false;
  }

  /** @param {View} view @param {Scene} scene */
  lines(view, { chosen, near, torn }) {
    if (chosen < 0) return;
    const { context } = this;
    context.strokeStyle = this.colors.accent;
    context.lineWidth = 1.2;
    for (const [tokens, dash] of [[near, []], [torn, DASHES]]) {
      context.setLineDash(dash);
      context.globalAlpha = dash.length ? 0.45 : 0.9;
      for (const i of tokens) {
        context.beginPath();
        context.moveTo(...this.spot(view, chosen));
        context.lineTo(...this.spot(view, i));
        context.stroke();
      }
    }
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  /** @param {XY} place @param {number} radius @param {string} color */
  dot([x, y], radius, color = this.colors.accent) {
    const { context } = this;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = color;
    context.strokeStyle = this.colors.paper;
    context.lineWidth = 1.5;
    context.fill();
    context.stroke();
  }

  /** @param {XY} start @param {XY} end */
  arrow([ax, ay], [bx, by]) {
    const { context } = this;
    const length = Math.hypot(bx - ax, by - ay);
    if (length < 6) return;
    const [ux, uy] = [(bx - ax) / length, (by - ay) / length];
    const [tx, ty] = [bx - 4 * ux, by - 4 * uy];
    context.strokeStyle = context.fillStyle = this.colors.accent;
    context.lineWidth = 1.6;
    context.beginPath();
    context.moveTo(ax, ay);
    context.lineTo(tx - 6 * ux, ty - 6 * uy);
    context.stroke();
    context.beginPath();
    context.moveTo(tx, ty);
    context.lineTo(tx - 9 * ux - 4 * uy, ty - 9 * uy + 4 * ux);
    context.lineTo(tx - 9 * ux + 4 * uy, ty - 9 * uy - 4 * ux);
    context.fill();
  }

  /** @param {XY[]} line */
  lasso(line) {
    if (line.length < 2) return;
    const { context } = this;
    context.beginPath();
    line.forEach(([x, y], at) => (at ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.strokeStyle = this.colors.accent;
    context.lineWidth = 1.5;
    context.stroke();
    context.globalAlpha = 0.1;
    context.fillStyle = this.colors.accent;
    context.fill();
    context.globalAlpha = 1;
  }
}
