// Which tokens get labels, from coarse to fine: each dense region gets its most central word.

/** @typedef {import("./data.js").MapData} MapData */

const LEVELS = 9; // each level halves the sides of the cells: 4 by 4, then 8 by 8, to 1024 by 1024
const FINEST = 1 << (LEVELS + 1); // cells of a side
const SHIFT = 16 - (LEVELS + 1); // from a place to its finest cell

/** The best token of each cell, -1 where it is empty, and how many it holds. @typedef {{side: number, best: Int32Array, count: Uint32Array}} Cells */

/** @param {number} side @returns {Cells} */
function empty(side) {
  return { side, best: new Int32Array(side * side).fill(-1), count: new Uint32Array(side * side) };
}

/** @param {MapData} map */
function finest({ n, x, y, central }) {
  const cells = empty(FINEST);
  const { best, count } = cells;
  for (let i = 0; i < n; i++) {
    const cell = (y[i] >> SHIFT) * FINEST + (x[i] >> SHIFT);
    count[cell]++;
    if (best[cell] < 0 || central[i] > central[best[cell]]) best[cell] = i;
  }
  return cells;
}

/** The cells of which each holds four. @param {Cells} cells @param {MapData} map */
function coarser({ side, best, count }, { central }) {
  const large = empty(side / 2);
  for (let cell = 0; cell < best.length; cell++) {
    const token = best[cell];
    if (token < 0) continue;
    const parent = parentOf(cell, side);
    const other = large.best[parent];
    large.count[parent] += count[cell];
    if (other < 0 || central[token] > central[other] || (central[token] === central[other] && token < other)) large.best[parent] = token;
  }
  return large;
}

/** @param {number} cell @param {number} side */
function parentOf(cell, side) {
  const row = Math.floor(cell / side);
  return (row >> 1) * (side >> 1) + ((cell - row * side) >> 1);
}

/**
 * Tokens in the order in which they get a label: level by level the most central token of each cell, fullest cells first,
 * unless a coarser cell has it already; then all others by how central they are.
 * @param {MapData} map
 */
export function labelOrder(map) {
  const { n, central } = map;
  const levels = [finest(map)];
  while (levels[0].side > 4) levels.unshift(coarser(levels[0], map));
  const level = new Uint8Array(n).fill(LEVELS);
  const weight = Uint32Array.from(central);
  const highest = levels.map(({ side, best, count }, depth) => {
    let most = 0;
    for (let cell = 0; cell < best.length; cell++) {
      const token = best[cell];
      if (token < 0 || (depth && levels[depth - 1].best[parentOf(cell, side)] === token)) continue;
      level[token] = depth;
      weight[token] = count[cell];
      most = Math.max(most, count[cell]);
    }
    return most;
  });
  return sorted(level, weight, [...highest, 255]);
}

/**
 * The numbers from 0, sorted by level, and on each level from the heaviest.
 * @param {Uint8Array} level
 * @param {Uint32Array} weight
 * @param {number[]} highest weight of each level
 */
function sorted(level, weight, highest) {
  let buckets = 0;
  const first = highest.map((most) => (buckets += most + 1) - 1); // the bucket of weight 0 is a level's last
  const start = new Uint32Array(buckets + 1);
  for (let i = 0; i < level.length; i++) start[first[level[i]] - weight[i] + 1]++;
  for (let bucket = 0; bucket < buckets; bucket++) start[bucket + 1] += start[bucket];
  const order = new Uint32Array(level.length);
  for (let i = 0; i < level.length; i++) order[start[first[level[i]] - weight[i]]++] = i;
  return order;
}

/** Boxes that don't overlap: `put` takes one if it is free, with `gap` pixels around it. */
export class Boxes {
  constructor(gap = 3) {
    this.gap = gap;
    /** Left, top, right and bottom of each box in a cell of 64 pixels. @type {Map<number, number[]>} */
    this.cells = new Map();
  }

  /** @param {number} left @param {number} top @param {number} right @param {number} bottom */
  isFree(left, top, right, bottom) {
    const [l, t, r, b] = [left - this.gap, top - this.gap, right + this.gap, bottom + this.gap];
    for (let row = Math.floor(t / 64); row <= Math.floor(b / 64); row++) {
      for (let column = Math.floor(l / 64); column <= Math.floor(r / 64); column++) {
        const there = this.cells.get(row * 100000 + column);
        for (let at = 0; there && at < there.length; at += 4) {
          if (l < there[at + 2] && there[at] < r && t < there[at + 3] && there[at + 1] < b) return false;
        }
      }
    }
    return true;
  }

  /** @param {number} left @param {number} top @param {number} right @param {number} bottom */
  put(left, top, right, bottom) {
    if (!this.isFree(left, top, right, bottom)) return false;
    for (let row = Math.floor((top - this.gap) / 64); row <= Math.floor((bottom + this.gap) / 64); row++) {
      for (let column = Math.floor((left - this.gap) / 64); column <= Math.floor((right + this.gap) / 64); column++) {
        const key = row * 100000 + column;
        const there = this.cells.get(key);
        if (there) there.push(left, top, right, bottom);
        else this.cells.set(key, [left, top, right, bottom]);
      }
    }
    return true;
  }
}
