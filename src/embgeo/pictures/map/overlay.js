// What is drawn over the points: labels, the chosen token with its neighbors, arrows, the lasso.

import { Boxes } from "./labels.js";

const MOST = 12000; // points looked at for labels in one frame
const HALF = 7; // of a label's height

/** Where a label of this width may stand, from its point: over it from afar, next to it from close by. */
function sidesOf(width, bold, zoom) {
  if (!bold && zoom < 4) return [[-width / 2, 0]];
  const close = [[7, 0], [-7 - width, 0], [-width / 2, -13], [-width / 2, 13]];
  return bold ? [...close, [7, -12], [7, 12], [-7 - width, -12], [-7 - width, 12]] : close;
}

/** The names of CSS variables as colors. */
export function theme() {
  const style = getComputedStyle(document.documentElement);
  const at = (name) => style.getPropertyValue(`--${name}`).trim();
  return { ink: at("ink"), paper: at("paper"), accent: at("accent"), faint: at("faint") };
}

export class Overlay {
  constructor(canvas, map, words, order) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.map = map;
    this.words = words;
    this.order = order;
    this.labels = []; // {token, left, top, right, bottom}, as drawn last
    this.labeled = new Set(); // their tokens
    this.widths = new Map();
  }

  /** @param {{chosen: number, near: number[], torn: number[], named: number[], arrows: number[][], lasso: number[][], hover: number}} scene */
  draw(view, scene, ratio) {
    const { context } = this;
    this.colors = theme();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, view.width, view.height);
    context.textBaseline = "middle";
    this.labels = [];
    this.labeled.clear();
    const boxes = new Boxes();
    this.lines(view, scene);
    scene.arrows.forEach(([a, b]) => this.arrow(this.spot(view, a), this.spot(view, b)));
    const important = [...new Set([scene.chosen, scene.hover, ...scene.named, ...scene.near, ...scene.torn])].filter((i) => i >= 0);
    for (const i of important) this.dot(this.spot(view, i), i === scene.chosen || i === scene.hover ? 5 : 3.5);
    for (const i of important) this.label(view, boxes, i, true, this.colors.accent);
    for (const i of scene.arrows.flat()) this.label(view, boxes, i, true, this.colors.ink);
    this.regions(view, boxes, scene);
    this.lasso(scene.lasso);
  }

  spot(view, i) {
    return view.toScreen(this.map.x[i], this.map.y[i]);
  }

  inView(view, [x, y]) {
    return x > view.free.left - 20 && x < view.width && y > view.free.top && y < view.height - view.free.bottom;
  }

  regions(view, boxes, scene) {
    const room = (view.width - view.free.left) * (view.height - view.free.top - view.free.bottom);
    const most = Math.min(260, room / 4200);
    const faded = scene.chosen >= 0 || scene.named.length > 0;
    let drawn = 0;
    for (let at = 0; at < this.order.length && at < MOST * Math.max(1, view.zoom) && drawn < most; at++) {
      const i = this.order[at];
      if (this.inView(view, this.spot(view, i)) && this.label(view, boxes, i, false, faded ? this.colors.faint : this.colors.ink)) drawn++;
    }
  }

  width(text, bold) {
    const key = (bold ? "b" : "n") + text;
    if (!this.widths.has(key)) this.widths.set(key, this.context.measureText(text).width);
    return this.widths.get(key);
  }

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

  lines(view, { chosen, near, torn }) {
    if (chosen < 0) return;
    const { context } = this;
    context.strokeStyle = this.colors.accent;
    context.lineWidth = 1.2;
    for (const [tokens, dash] of [[near, []], [torn, [4, 5]]]) {
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

  dot([x, y], radius) {
    const { context } = this;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = this.colors.accent;
    context.strokeStyle = this.colors.paper;
    context.lineWidth = 1.5;
    context.fill();
    context.stroke();
  }

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
