// Reads the page's data blocks: base64 of gzip, numbers in planes of equal bytes (see payload.py).

/**
 * What a map says of itself, as `payload.py` writes it.
 * @typedef {object} About
 * @property {string} model
 * @property {string} revision
 * @property {string} transform
 * @property {string} request the command that makes the same map
 * @property {string} naming the options that name the model, for a command
 * @property {string} layout
 * @property {string} version
 * @property {number} share of the nearest tokens that are among the nearest in the picture
 * @property {number} near how many nearest that is about
 * @property {number} tokens
 * @property {number} lists how many neighbors are listed
 * @property {[number, number]} norms the shortest and the longest row
 * @property {{mark: string, lowercase: boolean, strips_accents: boolean, folds: boolean}} reading
 * @property {[string, number, number] | null} color a direction: its name, its lowest and its highest dot product
 * @property {[string, string, number, number][]} pairs two words, and their tokens
 * @property {string[] | null} groups their names
 * @property {{zeros: number, note: string} | null} softmax rows of length zero, and what is to be said; null: no shares
 * @property {[string, number] | null} live the numbers of the matrix, and its dimensions
 * @property {Record<string, [number, number]>} arrays bytes of a number, and how many numbers there are
 * @property {string[]} texts
 */

/**
 * All that the page knows of a map; arrays hold a number for each token.
 * @typedef {object} MapData
 * @property {About} about
 * @property {number} n how many tokens there are
 * @property {number} lists how many neighbors are listed for each
 * @property {Uint32Array} ids their rows
 * @property {Uint32Array} fold the first token that spells the same word
 * @property {Int32Array} listed [n * lists] the nearest tokens, one token after the other; -1 where there are fewer
 * @property {Float64Array} cosines [n * lists] of those
 * @property {Uint32Array} x from 0 to 65535
 * @property {Uint32Array} y from 0 to 65535; up is higher
 * @property {Uint32Array} kinds
 * @property {Uint32Array} norms from 0 to 65535, between the two of `about`
 * @property {Uint32Array} kept how many of the nearest are near in the picture
 * @property {Uint32Array | null} color from 0 to 65535, between the two of `about`
 * @property {Uint32Array | null} groups the number of each token's group from 1, 0 for none
 * @property {string[]} texts
 */

/** @param {string} text @returns {Promise<Uint8Array>} */
export async function unpack(text) {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * Numbers of `size` bytes from their planes.
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {number} size
 * @param {number} count
 */
export function joinPlanes(bytes, at, size, count) {
  const numbers = new Uint32Array(count);
  for (let plane = 0; plane < size; plane++) {
    for (let i = 0; i < count; i++) numbers[i] += bytes[at + plane * count + i] * 256 ** plane;
  }
  return numbers;
}

/**
 * The arrays of a map by name.
 * @param {About} about
 * @param {Uint8Array} bytes
 */
export function readArrays(about, bytes) {
  /** @type {Record<string, Uint32Array>} */
  const arrays = {};
  let at = 0;
  for (const [name, [size, count]] of Object.entries(about.arrays)) {
    arrays[name] = joinPlanes(bytes, at, size, count);
    at += size * count;
  }
  return arrays;
}

/**
 * A map from its blocks, with differences added up.
 * @param {About} about
 * @param {Uint8Array} bytes
 * @returns {MapData}
 */
export function readMap(about, bytes) {
  const arrays = readArrays(about, bytes);
  const { tokens: n, lists } = about;
  const missing = about.arrays.listed[0] === 2 ? 65535 : 4294967295;
  const ids = new Uint32Array(n);
  for (let i = 0, last = -1; i < n; i++) ids[i] = last = last + 1 + arrays.ids[i];
  const fold = arrays.fold.map((less, i) => i - less);
  const listed = new Int32Array(n * lists).fill(-1); // token after token
  const cosines = new Float64Array(n * lists);
  for (let i = 0; i < n; i++) {
    let cosine = 0;
    for (let k = 0; k < lists; k++) {
      const other = arrays.listed[k * n + i];
      cosine = k === 0 ? arrays.cosines[i] : cosine - arrays.cosines[k * n + i];
      if (other !== missing) listed[i * lists + k] = other;
      cosines[i * lists + k] = (cosine - 10000) / 10000;
    }
  }
  return { about, n, lists, ids, fold, listed, cosines, x: arrays.x, y: arrays.y, kinds: arrays.kinds,
           norms: arrays.norms, kept: arrays.kept, color: arrays.color ?? null, groups: arrays.groups ?? null, texts: about.texts };
}
