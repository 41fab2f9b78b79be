// The layer over the points: labels, the chosen token with its neighbors, arrows, the lasso.

import { Names } from "./names.js";

/** @typedef {import("./data.js").MapData} MapData */
/** @typedef {import("./view.js").View} View */
/** @typedef {[number, number]} XY */
/**
 * What is highlighted; -1 for no token.
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
const DASHES = [4, 5]; // of the lines to neighbors that are torn away

/** Whether all but a few tokens are faded. @param {Scene} scene */
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

/** Whether a pixel is in view. @param {View} view @param {number} x @param {number} y */
function isIn({ free, width, height }, x, y) {
  return x > free.left - 20 && x < width && y > free.top && y < height - free.bottom;
}

export class Overlay {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {MapData} map
   * @param {import("./words.js").Words} words
   * @param {Uint32Array} order in which tokens get a label
   */
  constructor(canvas, map, words, order) {
    const context = canvas.getContext("2d");
    if (!context) throw new Error("this browser draws on no canvas");
    this.canvas = canvas;
    this.context = context;
    this.map = map;
    this.order = order;
    this.colors = theme();
    this.names = new Names(context, (token) => words.label(token));
  }

  /** @param {View} view @param {Scene} scene @param {number} labels share of those for which there is room @param {number} ratio */
  draw(view, scene, labels, ratio) {
    const { context } = this;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, view.width, view.height);
    context.textBaseline = "middle";
    this.names.clear(this.colors.paper);
    for (const [i, color] of scene.marked) this.dot(this.spot(view, i), 3.5, color);
    for (const i of scene.selected) this.dot(this.spot(view, i), 2.5);
    this.lines(view, scene);
    scene.arrows.forEach(([a, b]) => this.arrow(this.spot(view, a), this.spot(view, b)));
    const important = [...new Set([scene.chosen, scene.hover, ...scene.named, ...scene.near, ...scene.torn])].filter((i) => i >= 0);
    for (const i of important) this.dot(this.spot(view, i), i === scene.chosen || i === scene.hover ? 5 : 3.5);
    for (const i of important) this.label(view, i, this.colors.accent);
    for (const i of scene.arrows.flat()) this.label(view, i, this.colors.ink);
    for (const [i] of scene.marked.slice(0, MOST_OFFERED)) this.label(view, i, this.colors.ink);
    this.regions(view, scene, labels);
    this.lasso(scene.lasso);
  }

  /** @param {View} view @param {number} i */
  spot(view, i) {
    return view.toScreen(this.map.x[i], this.map.y[i]);
  }

  /** Name a highlighted token. @param {View} view @param {number} i @param {string} color */
  label(view, i, color) {
    const [x, y] = this.spot(view, i);
    if (isIn(view, x, y)) this.names.put(view, i, x, y, true, color);
  }

  /** Name the regions in view, each by its most central token. @param {View} view @param {Scene} scene @param {number} labels */
  regions(view, scene, labels) {
    const room = (view.width - view.free.left) * (view.height - view.free.top - view.free.bottom);
    const most = labels * Math.min(260, room / 4200);
    const color = isFaded(scene) ? this.colors.faint : this.colors.ink;
    const { map, order } = this;
    const [mx, my] = view.middle;
    const looked = Math.min(order.length, MOST * Math.max(1, view.zoom));
    for (let at = 0, drawn = 0; at < looked && drawn < most; at++) {
      const i = order[at];
      const [x, y] = [mx + (map.x[i] - view.x) * view.scale, my - (map.y[i] - view.y) * view.scale];
      if (isIn(view, x, y) && this.names.put(view, i, x, y, false, color)) drawn++;
    }
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
