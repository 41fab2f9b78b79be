// Draws the points of a map: by WebGL2, or pixel by pixel without a graphics card, which is then quicker.

import { glPoints } from "./gl.js";
import { pixelPoints } from "./pixels.js";
import { stepOf } from "./pace.js";

const MOST_LOST = 3; // contexts; then the canvas is drawn pixel by pixel

/** @typedef {import("./data.js").MapData} MapData */
/** @typedef {import("./view.js").View} View */
/** @typedef {import("./gl.js").Renderer} Renderer */
/** The points of a map: on a new canvas, without WebGL2 if need be, when the graphics card has lost the old one. */
export class Points {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {MapData} map
   * @param {() => void} redraw called after a canvas has been replaced
   */
  constructor(canvas, map, redraw) {
    this.map = map;
    this.redraw = redraw;
    this.canvas = canvas;
    this.colors = new Uint8Array(4 * map.n);
    this.paper = [255, 255, 255];
    this.lost = 0;
    this.drawn = ""; // what the canvas shows
    this.renderer = this.start();
  }

  get name() {
    return this.renderer.name;
  }

  /** @returns {Renderer} */
  start() {
    try {
      const found = this.lost < MOST_LOST ? glPoints(this.canvas, this.map) : null;
      if (found) {
        this.canvas.addEventListener("webglcontextlost", () => this.restart(), { once: true });
        return found;
      }
    } catch {
      // no WebGL2 after all
    }
    this.replace(); // a canvas keeps its first kind of context
    return pixelPoints(this.canvas, this.map);
  }

  restart() {
    this.lost++;
    this.replace();
    this.renderer = this.start();
    this.recolor(this.colors, this.paper);
    this.redraw();
  }

  replace() {
    const fresh = /** @type {HTMLCanvasElement} */ (this.canvas.cloneNode());
    this.canvas.replaceWith(fresh);
    this.canvas = fresh;
  }

  /** @param {Uint8Array<ArrayBuffer>} colors RGBA of every point @param {number[]} paper RGB behind them */
  recolor(colors, paper) {
    this.colors = colors;
    this.paper = paper;
    this.drawn = "";
    this.renderer.recolor(colors, paper);
  }

  /**
   * Draw the points, unless they are there already.
   * @param {View} view
   * @param {number} alpha
   * @param {number} most points, about
   * @param {number} ratio
   */
  draw(view, alpha, most, ratio) {
    const { x, y, scale, width, height, middle } = view;
    const asked = [x, y, scale, width, height, ...middle, alpha, stepOf(this.map.n, most), ratio].join();
    if (asked === this.drawn) return;
    this.drawn = asked;
    this.renderer.draw(view, alpha, most, ratio);
  }
}
