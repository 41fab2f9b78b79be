// Reads the page's data blocks: base64 of gzip, numbers in planes of equal bytes (see payload.py).

/**
 * A map's metadata, as `payload.py` writes it.
 * @typedef {object} About
 * @property {string} model
 * @property {string} revision
 * @property {string} transform
 * @property {string} request the command that makes the same map
 * @property {string} naming the options that name the model, for a command
 * @property {string} layout
 * @property {string} version
 * @property {number} share of the nearest tokens that are among the nearest in the picture
 * @property {number} near how many nearest tokens `share` counts
 * @property {number} tokens
 * @property {[number, number]} lists how many neighbors are listed, and the bytes of each one's number
 * @property {[number, number]} norms the shortest and the longest row
 * @property {{mark: string, lowercase: boolean, strips_accents: boolean, folds: boolean}} reading
 * @property {[string, number, number] | null} color a direction: its name, its lowest and its highest dot product
 * @property {[string, string, number, number][]} pairs two words, and their tokens
 * @property {string[] | null} groups their names
 * @property {{zeros: number, note: string} | null} softmax rows of length zero, and a note to show; null: no shares
 * @property {[string, number] | null} live the numbers of the matrix, and its dimensions
 * @property {boolean} head whether the unembedding has rows of its own
 * @property {Record<string, [number, number]>} arrays bytes of a number, and how many numbers there are
 * @property {string[]} texts
 */

/** @typedef {Uint8Array | Uint16Array | Uint32Array} Whole */
/**
 * A map's data; arrays have one number per token.
 * @typedef {object} MapData
 * @property {About} about
 * @property {number} n how many tokens there are
 * @property {Uint32Array} ids their rows
 * @property {Uint32Array} fold the first token that spells the same word
 * @property {Whole} x from 0 to 65535
 * @property {Whole} y from 0 to 65535; up is higher
 * @property {Whole} kinds
 * @property {Whole} norms from 0 to 65535, between the two of `about`
 * @property {Whole} kept how many of the nearest are near in the picture
 * @property {Whole} central how well each names what is around it, from 0 to 255
 * @property {Whole | null} color from 0 to 65535, between the two of `about`
 * @property {Whole | null} groups the number of each token's group from 1, 0 for none
 * @property {string[]} texts
 */

/**
 * The bytes of a text in base64.
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function fromBase64(text) {
  const built = /** @type {{fromBase64?: (text: string) => Uint8Array<ArrayBuffer>}} */ (/** @type {unknown} */ (Uint8Array));
  if (built.fromBase64) return built.fromBase64(text);
  const characters = atob(text); // in browsers of 2024 and before
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

/** The bytes of a block. @param {string} text gzip in base64 @returns {Promise<Uint8Array<ArrayBuffer>>} */
export async function unpack(text) {
  const packed = fromBase64(text);
  const size = new DataView(packed.buffer, packed.length - 4).getUint32(0, true); // gzip ends with it
  const bytes = new Uint8Array(size);
  const source = new ReadableStream({
    start(controller) {
      controller.enqueue(packed);
      controller.close();
    },
  });
  const reader = source.pipeThrough(new DecompressionStream("gzip")).getReader();
  for (let at = 0; ;) {
    const { done, value } = await reader.read();
    if (done) return bytes;
    bytes.set(value, at);
    at += value.length;
  }
}

/**
 * Numbers of `size` bytes from their planes.
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {number} size 1, 2 or 4
 * @param {number} count
 * @returns {Whole}
 */
export function joinPlanes(bytes, at, size, count) {
  if (size === 1) return bytes.subarray(at, at + count);
  const numbers = size === 2 ? new Uint16Array(count) : new Uint32Array(count);
  for (let plane = 0; plane < size; plane++) {
    const [from, shift] = [at + plane * count, 8 * plane];
    for (let i = 0; i < count; i++) numbers[i] |= bytes[from + i] << shift;
  }
  return numbers;
}

/**
 * The arrays of a map by name.
 * @param {About} about
 * @param {Uint8Array} bytes
 */
export function readArrays(about, bytes) {
  /** @type {Record<string, Whole>} */
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
 * @param {Uint8Array} numbers
 * @returns {MapData}
 */
export function readMap(about, numbers) {
  const arrays = readArrays(about, numbers);
  const n = about.tokens;
  const [ids, fold] = [new Uint32Array(n), new Uint32Array(n)];
  for (let i = 0, last = -1; i < n; i++) {
    ids[i] = last = last + 1 + arrays.ids[i];
    fold[i] = i - arrays.fold[i];
  }
  return { about, n, ids, fold, x: arrays.x, y: arrays.y, kinds: arrays.kinds, norms: arrays.norms,
           kept: arrays.kept, central: arrays.central, color: arrays.color ?? null, groups: arrays.groups ?? null, texts: about.texts };
}
