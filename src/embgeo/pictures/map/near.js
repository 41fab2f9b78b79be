// Which points are near a position in the picture.

/** @typedef {import("./data.js").MapData} MapData */

const CELLS = 256;

/** Points by cells of the plane, so that a look around a place takes a few of them. */
export class Near {
  /** @param {MapData} map */
  constructor(map) {
    this.map = map;
    const count = new Uint32Array(CELLS * CELLS + 1);
    /** @param {number} i */
    const cell = (i) => (map.y[i] >> 8) * CELLS + (map.x[i] >> 8);
    for (let i = 0; i < map.n; i++) count[cell(i) + 1]++;
    for (let c = 0; c < CELLS * CELLS; c++) count[c + 1] += count[c];
    this.start = count.slice();
    this.points = new Uint32Array(map.n);
    for (let i = 0; i < map.n; i++) this.points[count[cell(i)]++] = i;
  }

  /**
   * The points within `radius` places of (x, y).
   * @param {number} x
   * @param {number} y
   * @param {number} radius
   */
  around(x, y, radius) {
    /** @type {number[]} */
    const found = [];
    const [left, right] = [x - radius, x + radius].map((value) => Math.min(CELLS - 1, Math.max(0, value >> 8)));
    const [low, high] = [y - radius, y + radius].map((value) => Math.min(CELLS - 1, Math.max(0, value >> 8)));
    for (let row = low; row <= high; row++) {
      for (let at = this.start[row * CELLS + left]; at < this.start[row * CELLS + right + 1]; at++) {
        const i = this.points[at];
        if ((this.map.x[i] - x) ** 2 + (this.map.y[i] - y) ** 2 <= radius * radius) found.push(i);
      }
    }
    return found;
  }

  /**
   * The nearest point within `radius`, or -1.
   * @param {number} x
   * @param {number} y
   * @param {number} radius
   */
  pick(x, y, radius) {
    /** @param {number} i */
    const distance = (i) => (this.map.x[i] - x) ** 2 + (this.map.y[i] - y) ** 2;
    return this.around(x, y, radius).reduce((best, i) => (best < 0 || distance(i) < distance(best) ? i : best), -1);
  }

  /**
   * The squared distance to a token's k-th nearest other point.
   * @param {number} token
   * @param {number} k
   */
  reach(token, k) {
    const { x, y, n } = this.map;
    for (let radius = 512; ; radius *= 2) {
      const found = this.around(x[token], y[token], radius).filter((i) => i !== token);
      if (found.length < Math.min(k, n - 1)) continue;
      const distances = Float64Array.from(found, (i) => (x[i] - x[token]) ** 2 + (y[i] - y[token]) ** 2);
      return distances.sort()[k - 1] ?? Infinity;
    }
  }

  /**
   * Which of some tokens are among the k nearest points of a token.
   * @param {number} token
   * @param {number[]} others
   * @param {number} k
   */
  areNear(token, others, k) {
    const reach = this.reach(token, k);
    const { x, y } = this.map;
    return others.map((i) => (x[i] - x[token]) ** 2 + (y[i] - y[token]) ** 2 <= reach);
  }
}

/**
 * Whether a place lies within a closed line of places.
 * @param {number} x
 * @param {number} y
 * @param {[number, number][]} line
 */
export function within(x, y, line) {
  let inside = false;
  for (let i = 0, j = line.length - 1; i < line.length; j = i++) {
    const [[xi, yi], [xj, yj]] = [line[i], line[j]];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}
