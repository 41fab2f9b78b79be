// Draws points pixel by pixel.

import { stepOf } from "./pace.js";
import { pointSize } from "./view.js";

/** @typedef {import("./data.js").MapData} MapData */
/** @typedef {import("./gl.js").Renderer} Renderer */

const ALWAYS = 60000; // points, which take no time here

/**
 * The first pixel of each row of a dot, and the pixel behind its last: a disc, or a square where pixels are too few.
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
 * @param {HTMLCanvasElement} canvas
 * @param {MapData} map
 * @returns {Renderer}
 */
export function pixelPoints(canvas, map) {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser draws on no canvas");
  const packed = new Uint32Array(map.n);
  let opaque = 0;
  let image = context.createImageData(1, 1);
  return {
    name: "Canvas2D",
    recolor(colors) {
      packed.set(new Uint32Array(colors.buffer, colors.byteOffset, map.n));
      opaque = 255;
    },
    draw(view, alpha, most, ratio) {
      const { width, height } = canvas;
      if (image.width !== width || image.height !== height) image = context.createImageData(width, height);
      else image.data.fill(0);
      const level = Math.round(255 * alpha);
      if (level !== opaque) for (let i = 0; i < map.n; i++) packed[i] = (packed[i] & 0xffffff) | (level << 24);
      opaque = level;
      const [mx, my] = view.middle;
      const scale = view.scale * ratio;
      const plane = { left: mx * ratio - view.x * scale, top: my * ratio + view.y * scale, scale };
      const side = Math.max(1, Math.round(pointSize(view, map.n) * ratio));
      const points = { xs: map.x, ys: map.y, colors: packed, step: stepOf(map.n, Math.max(ALWAYS, most)) };
      fillDots(new Uint32Array(image.data.buffer), width, side, points, plane);
      context.putImageData(image, 0, 0);
    },
  };
}
