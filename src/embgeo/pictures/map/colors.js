// The color of every point, and the legend that says what it means.

/** @typedef {import("./data.js").MapData} MapData */
/** @typedef {[number, number, number]} Color */
/** @typedef {{name: string, values: ArrayLike<number>}} Direction */

export const KINDS = ["word", "piece of a word", "digits", "punctuation", "other script", "special or unused"];
// Okabe & Ito 2008, which people with any color vision tell apart.
/** @type {Color[]} */
export const KIND_COLORS = [[0, 114, 178], [230, 159, 0], [0, 158, 115], [204, 121, 167], [86, 180, 233], [213, 94, 0]];
/** @type {Color[]} */
export const GROUP_COLORS = [...KIND_COLORS, [140, 140, 30], [120, 70, 30]]; // they repeat after eight groups
/** @type {Record<string, Color>} */
const LIGHT = { low: [68, 1, 84], middle: [33, 145, 140], high: [196, 170, 20], cold: [0, 90, 181], even: [190, 190, 195], warm: [205, 85, 0] };
/** @type {Record<string, Color>} */
const DARK = { low: [130, 100, 215], middle: [50, 170, 165], high: [253, 231, 37], cold: [70, 160, 255], even: [78, 80, 88], warm: [255, 150, 50] };

/** Red, green and blue of #rrggbb. @param {string} text */
export function rgbOf(text) {
  return [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));
}

/** @param {Color} a @param {Color} b @param {number} share @returns {Color} */
function mix(a, b, share) {
  return /** @type {Color} */ (a.map((value, i) => Math.round(value + (b[i] - value) * share)));
}

/** A color of a scale from 0 to 1 through its middle. @param {number} share @param {Color[]} scale */
export function onScale(share, [low, middle, high]) {
  return share < 0.5 ? mix(low, middle, 2 * share) : mix(middle, high, 2 * share - 1);
}

/** @param {string} mode @param {boolean} dark */
export function scaleOf(mode, dark) {
  const set = dark ? DARK : LIGHT;
  return mode === "direction" || mode === "groups" ? [set.cold, set.even, set.warm] : [set.low, set.middle, set.high];
}

/**
 * From -limit to limit around 0: the 99th percentile of the sizes, so that a few far ones don't take all color.
 * @param {ArrayLike<number>} values
 */
export function limitOf(values) {
  const sizes = Array.from(values, Math.abs).sort((a, b) => a - b);
  return sizes[Math.floor(0.99 * (sizes.length - 1))] || 1;
}

/**
 * Each point's share of the scale [n] from 0 to 1, and the words at its ends.
 * @param {MapData} map
 * @param {string} mode
 * @param {Direction | null} direction
 */
export function shares(map, mode, direction) {
  const result = new Float32Array(map.n);
  if (mode === "length") {
    const sorted = Float32Array.from(map.norms).sort();
    const [low, high] = [sorted[Math.floor(0.01 * (map.n - 1))], sorted[Math.floor(0.99 * (map.n - 1))]];
    for (let i = 0; i < map.n; i++) result[i] = Math.min(1, Math.max(0, (map.norms[i] - low) / (high - low || 1)));
    const [least, most] = map.about.norms;
    /** @param {number} level */
    const at = (level) => (least + ((most - least) * level) / 65535).toFixed(2);
    return { values: result, ends: [`${at(low)} or shorter`, `${at(high)} or longer`] };
  }
  if (mode === "id") {
    for (let i = 0; i < map.n; i++) result[i] = i / Math.max(1, map.n - 1);
    return { values: result, ends: [`row ${map.ids[0]}`, `row ${map.ids[map.n - 1]}`] };
  }
  if (mode === "kept") {
    for (let i = 0; i < map.n; i++) result[i] = map.kept[i] / map.about.near;
    return { values: result, ends: ["none near here", `all ${map.about.near} near here`] };
  }
  if (!direction) throw new Error("there is no direction to color by");
  const limit = limitOf(direction.values);
  for (let i = 0; i < map.n; i++) result[i] = Math.min(1, Math.max(0, 0.5 + direction.values[i] / (2 * limit)));
  return { values: result, ends: [(-limit).toFixed(3), limit.toFixed(3)] };
}

/**
 * RGBA of every point [4 n].
 * @param {MapData} map
 * @param {string} mode
 * @param {Direction | null} direction
 * @param {boolean} dark
 */
export function pointColors(map, mode, direction, dark) {
  const colors = new Uint8Array(4 * map.n).fill(255);
  const scale = scaleOf(mode, dark);
  const found = mode === "kind" || mode === "groups" ? null : shares(map, mode, direction);
  /** @param {number} i */
  const groupColor = (i) => (map.groups?.[i] ? GROUP_COLORS[(map.groups[i] - 1) % GROUP_COLORS.length] : scale[1]);
  for (let i = 0; i < map.n; i++) {
    const color = found ? onScale(found.values[i], scale) : mode === "groups" ? groupColor(i) : KIND_COLORS[map.kinds[i]];
    colors[4 * i] = color[0];
    colors[4 * i + 1] = color[1];
    colors[4 * i + 2] = color[2];
  }
  return colors;
}
