// Which tokens are named, from coarse to fine: each dense region by its most central word.

/** @typedef {import("./data.js").MapData} MapData */

const LEVELS = 9;

/**
 * How central each token is [n]: how many tokens near it in the picture count it among their nearest.
 * @param {MapData} map
 */
export function centrality(map) {
  const score = new Float32Array(map.n);
  const close = 2000 ** 2;
  for (let i = 0; i < map.n; i++) {
    for (let k = 0; k < map.lists; k++) {
      const j = map.listed[i * map.lists + k];
      if (j < 0) continue;
      const gap = (map.x[i] - map.x[j]) ** 2 + (map.y[i] - map.y[j]) ** 2;
      score[j] += 1 / (1 + gap / close);
    }
  }
  // Among words that are equally central the common one says more, and vocabularies begin with the common ones.
  for (let i = 0; i < map.n; i++) score[i] *= (map.kinds[i] === 0 ? 1 : map.kinds[i] === 5 ? 0.02 : 0.3) / (1 + (6 * i) / map.n);
  return score;
}

/**
 * Tokens in the order in which they get a label; cells are halved from level to level.
 * @param {MapData} map
 */
export function labelOrder(map) {
  const score = centrality(map);
  const level = new Uint8Array(map.n).fill(LEVELS);
  /** @type {number[]} */
  const order = [];
  for (let depth = 0; depth < LEVELS; depth++) {
    const shift = 14 - depth;
    /** @type {Map<number, {token: number, count: number, taken: boolean}>} */
    const best = new Map();
    for (let i = 0; i < map.n; i++) {
      const cell = (map.y[i] >> shift) * 65536 + (map.x[i] >> shift);
      const one = best.get(cell);
      if (!one) best.set(cell, { token: i, count: 1, taken: level[i] < depth });
      else {
        one.count++;
        one.taken ||= level[i] < depth;
        if (score[i] > score[one.token]) one.token = i;
      }
    }
    const fresh = [...best.values()].filter((one) => !one.taken && level[one.token] === LEVELS);
    fresh.sort((a, b) => b.count - a.count || a.token - b.token);
    for (const one of fresh) {
      level[one.token] = depth;
      order.push(one.token);
    }
  }
  /** @type {number[]} */
  const rest = [];
  for (let i = 0; i < map.n; i++) if (level[i] === LEVELS) rest.push(i);
  rest.sort((a, b) => score[b] - score[a] || a - b);
  return { order: order.concat(rest), level };
}

/** Boxes that don't overlap: `put` takes one if it is free, with `gap` pixels around it. */
export class Boxes {
  constructor(gap = 3) {
    this.gap = gap;
    /** @type {Map<number, number[][]>} */
    this.cells = new Map();
  }

  /** @param {number} left @param {number} top @param {number} right @param {number} bottom */
  put(left, top, right, bottom) {
    const box = [left - this.gap, top - this.gap, right + this.gap, bottom + this.gap];
    const keys = [];
    for (let row = Math.floor(box[1] / 64); row <= Math.floor(box[3] / 64); row++) {
      for (let column = Math.floor(box[0] / 64); column <= Math.floor(box[2] / 64); column++) {
        const key = row * 100000 + column;
        for (const other of this.cells.get(key) ?? []) {
          if (box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3]) return false;
        }
        keys.push(key);
      }
    }
    for (const key of keys) this.cells.set(key, [...(this.cells.get(key) ?? []), [left, top, right, bottom]]);
    return true;
  }
}
