// Draws points pixel by pixel.

import { stepOf } from "./pace.js";
import { pointSize } from "./view.js";

/** @typedef {import("./data.js").MapData} MapData */
/** @typedef {import("./gl.js").Renderer} Renderer */

const ALWAYS = 60000; // points that can always be drawn

/**
 * The first pixel of each row of a dot, and the one after its last: a disc, or a square where it has too few pixels.
 * @param {number} side
 */
export function rowsOf(side) {
  const middle = side / 2;
  return Array.from({ length: side }, (_, row) => {
    const half = side < 4 ? middle : Math.sqrt(Math.max(0, middle ** 2 - (row + 0.5 - middle) ** 2));
    return [Math.round(middle - half), Math.round(middle + half)];
  });
}

/**
 * Draw points as dots.
 * @param {Uint32Array} pixels of the picture [height * width]
 * @param {number} width
 * @param {number} side of a dot in pixels
 * @param {{xs: ArrayLike<number>, ys: ArrayLike<number>, colors: Uint32Array, step: number}} points every how manieth is drawn
 * @param {{left: number, top: number, scale: number}} plane where the place (0, 0) lies, and pixels a place; up is higher
 */
export function fillDots(pixels, width, side, { xs, ys, colors, step }, { left, top, scale }) {
  const [right, bottom] = [width - side + 1, pixels.length / width - side + 1];
  const [x0, y0] = [left - side / 2 + 0.5, top - side / 2 + 0.5]; // rounded below
  const rows = rowsOf(side);
  for (let i = 0; i < colors.length; i += step) {
    const [x, y] = [x0 + xs[i] * scale, y0 - ys[i] * scale];
    if (x < 0 || y < 0 || x >= right || y >= bottom) continue;
    const color = colors[i];
    let at = (y | 0) * width + (x | 0);
    for (let row = 0; row < side; row++, at += width) {
      for (let pixel = at + rows[row][0]; pixel < at + rows[row][1]; pixel++) pixels[pixel] = color;
    }
  }
}

/**
 * Colors laid on paper, as pixels: RGBA in the order of bytes.
 * @param {Uint8Array} colors RGBA of every point
 * @param {number[]} paper RGB
 * @param {number} alpha from 0 to 1
 */
export function laidOn(colors, paper, alpha) {
  const mixed = new Uint8Array(colors.length).fill(255);
  for (let i = 0; i < colors.length; i += 4) {
    for (let part = 0; part < 3; part++) mixed[i + part] = Math.round(alpha * colors[i + part] + (1 - alpha) * paper[part]);
  }
  return new Uint32Array(mixed.buffer);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {MapData} map
 * @returns {Renderer}
 */
export function pixelPoints(canvas, map) {
  const context = canvas.getContext("2d", { alpha: false }); // without alpha, compositing takes half the time
  if (!context) throw new Error("this browser draws on no canvas");
  let image = context.createImageData(1, 1);
  let [given, behind] = [new Uint8Array(4 * map.n), [255, 255, 255]];
  let [mixed, mixedAt] = [new Uint32Array(map.n), -1];
  return {
    name: "Canvas2D",
    recolor(colors, paper) {
      [given, behind, mixedAt] = [colors, paper, -1];
    },
    draw(view, alpha, most, ratio) {
      const { width, height } = canvas;
      if (image.width !== width || image.height !== height) image = context.createImageData(width, height);
      if (alpha !== mixedAt) [mixed, mixedAt] = [laidOn(given, behind, alpha), alpha];
      const pixels = new Uint32Array(image.data.buffer).fill(laidOn(Uint8Array.of(...behind, 255), behind, 1)[0]);
      const [mx, my] = view.middle;
      const scale = view.scale * ratio;
      const plane = { left: mx * ratio - view.x * scale, top: my * ratio + view.y * scale, scale };
      const side = Math.max(1, Math.round(pointSize(view, map.n) * ratio));
      fillDots(pixels, width, side, { xs: map.x, ys: map.y, colors: mixed, step: stepOf(map.n, Math.max(ALWAYS, most)) }, plane);
      context.putImageData(image, 0, 0);
    },
  };
}
