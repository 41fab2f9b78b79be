// One map: its data, its visible part, and what is highlighted.

import { Words } from "./words.js";
import { parseExpression } from "./expression.js";
import { View } from "./view.js";
import { Near } from "./near.js";
import { labelOrder } from "./labels.js";
import { Points } from "./points.js";
import { Overlay, isFaded } from "./overlay.js";
import { quoted } from "./panel.js";

/** @typedef {import("./data.js").MapData} MapData */
/** @typedef {import("./live.js").Matrix} Matrix */
/** @typedef {import("./colors.js").Direction} Direction */
/** @typedef {import("./overlay.js").Scene} Scene */
/** A rectangle of the page in pixels. @typedef {{left: number, top: number, width: number, height: number}} Box */

/** Nothing is highlighted. */
export function nothing() {
  return { chosen: -1, near: [], torn: [], named: [], selected: [], lasso: [] };
}

/** A map with its canvases. */
export class Pane {
  /**
   * @param {MapData} map
   * @param {{points: HTMLCanvasElement, overlay: HTMLCanvasElement, title: HTMLElement}} elements
   * @param {() => void} redraw
   */
  constructor(map, elements, redraw) {
    this.map = map;
    /** The nearest tokens of each, once they have been read. @type {import("./lists.js").Lists | null} */
    this.lists = null;
    /** @type {Matrix | null} */
    this.matrix = null; // if the page computes, once it has been read
    /** @type {Matrix | null} */
    this.unembedding = null;
    this.title = elements.title;
    this.words = new Words(map);
    this.near = new Near(map);
    this.view = new View();
    this.points = new Points(elements.points, map, redraw);
    this.overlay = new Overlay(elements.overlay, map, this.words, labelOrder(map));
    /** @type {Scene} */
    this.scene = { ...nothing(), hover: -1, arrows: map.about.pairs.map(([, , a, b]) => [a, b]), marked: [] };
    /** @type {Direction | null} */
    this.direction = null;
  }

  /** The model, its revision and its transformation. */
  get name() {
    const { about } = this.map;
    return [about.model + (about.revision ? `@${about.revision.slice(0, 12)}` : ""), about.transform].filter(Boolean).join(" · ");
  }

  /**
   * Take a part of the page.
   * @param {Box} box
   * @param {{left: number, top: number, right: number, bottom: number}} free margins in it that other things cover
   * @param {number} ratio pixels of the device for each of the page
   */
  place(box, free, ratio) {
    for (const canvas of [this.points.canvas, this.overlay.canvas]) {
      for (const side of /** @type {const} */ (["left", "top", "width", "height"])) canvas.style[side] = `${box[side]}px`;
      [canvas.width, canvas.height] = [box.width * ratio, box.height * ratio];
    }
    this.points.drawn = ""; // since that clears it
    this.title.style.left = `${box.left + free.left + 8}px`;
    this.title.style.top = `${box.top + Math.max(2, free.top - this.title.offsetHeight)}px`;
    const whole = this.view.scale === this.view.fitted;
    Object.assign(this.view, { width: box.width, height: box.height, free });
    if (whole) this.view.fit();
    else this.view.fitScale();
  }

  /**
   * @param {number} points about how many are drawn
   * @param {number} labels share of the labels of a still picture
   * @param {number} ratio
   */
  draw(points, labels, ratio) {
    this.points.draw(this.view, isFaded(this.scene) ? 0.3 : 0.85, points, ratio);
    this.overlay.draw(this.view, this.scene, labels, ratio);
  }

  /** Move the view so that some tokens are seen. @param {number[]} tokens */
  show(tokens) {
    this.view.show(tokens.map((i) => this.map.x[i]), tokens.map((i) => this.map.y[i]));
  }

  /** The token under a pixel of this map, or -1. @param {number} x @param {number} y @param {number} reach in pixels */
  tokenAt(x, y, reach = 12) {
    const label = [...this.overlay.names.labels.values()].find((one) => x >= one.left && x <= one.right && y >= one.top && y <= one.bottom);
    return label ? label.token : this.near.pick(...this.view.toPlace(x, y), reach / this.view.scale);
  }

  /**
   * A text as terms with their tokens; throws an Error that says what is wrong.
   * @param {string} text
   */
  read(text) {
    return parseExpression(text).map(({ term, weight }) => {
      const token = this.words.find(term);
      if (token < 0) throw new Error(`'${term}' is not one token on this map; embgeo tokens ${quoted(term)} ${this.map.about.naming} shows how it splits`);
      return { term, weight, token };
    });
  }

  /** The token here that spells what a token of another map does, or -1. @param {Pane} other @param {number} token */
  twin(other, token) {
    if (other === this || token < 0) return token;
    return this.words.byKey(other.words.key(token)) ?? -1;
  }
}
