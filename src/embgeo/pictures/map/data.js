// Reads the page's data blocks: base64 of gzip, numbers in planes of equal bytes (see payload.py).

/** @param {string} text @returns {Promise<Uint8Array>} */
export async function unpack(text) {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Numbers of `size` bytes from their planes. */
export function joinPlanes(bytes, at, size, count) {
  const numbers = new Uint32Array(count);
  for (let plane = 0; plane < size; plane++) {
    for (let i = 0; i < count; i++) numbers[i] += bytes[at + plane * count + i] * 256 ** plane;
  }
  return numbers;
}

/** The arrays of a map by name. */
export function readArrays(about, bytes) {
  const arrays = {};
  let at = 0;
  for (const [name, [size, count]] of Object.entries(about.arrays)) {
    arrays[name] = joinPlanes(bytes, at, size, count);
    at += size * count;
  }
  return arrays;
}

/** All that the page knows: about, and arrays with their differences added up. */
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
           norms: arrays.norms, kept: arrays.kept, color: arrays.color ?? null, texts: about.texts };
}
