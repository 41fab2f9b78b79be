// Answers from the matrix in the page, by the command's own rules: spellings folded, inputs left out with their ranks.

/** @typedef {{token: number, weight: number}} WeightedToken */
/** @typedef {{vector: Float64Array, inputs: number[], error: number}} Question */
/** @typedef {{token: number, cosine: number, sure: boolean}} Ranked */
/** @typedef {[number, number]} XY */

/** The numbers of a float16. */
export function halfFloats() {
  const table = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) {
    const exponent = (bits >> 10) & 31;
    const mantissa = bits & 1023;
    const size = exponent === 0 ? mantissa * 2 ** -24 : exponent === 31 ? (mantissa ? NaN : Infinity) : (1024 + mantissa) * 2 ** (exponent - 25);
    table[bits] = bits & 32768 ? -size : size;
  }
  return table;
}

/** The matrix of a page [n, dims], with its rows' lengths and rounding errors [n]. */
export class Matrix {
  /**
   * @param {Uint8Array<ArrayBuffer>} bytes scales [n], errors [n], and rows [n * dims]
   * @param {number} n
   * @param {string} numbers `float16` or `int8`
   * @param {number} dims
   */
  constructor(bytes, n, numbers, dims) {
    this.n = n;
    this.dims = dims;
    this.exact = numbers === "float16";
    const scales = new Float32Array(bytes.buffer, 0, n);
    this.errors = new Float32Array(bytes.buffer.slice(4 * n, 8 * n));
    this.rounded = this.errors.some((error) => error > 0);
    this.rows = new Float32Array(n * dims);
    this.norms = new Float64Array(n);
    const numberOf = this.exact ? halfFloats() : null;
    const packed = this.exact ? new Uint16Array(bytes.buffer, 8 * n) : new Int8Array(bytes.buffer, 8 * n);
    for (let i = 0, at = 0; i < n; i++) {
      let squares = 0;
      for (const end = at + dims; at < end; at++) {
        const number = numberOf ? numberOf[packed[at]] : Math.fround(packed[at] * scales[i]);
        this.rows[at] = number;
        squares += number * number;
      }
      this.norms[i] = Math.sqrt(squares);
    }
  }

  /** @param {number} i */
  row(i) {
    return new Float64Array(this.rows.subarray(i * this.dims, (i + 1) * this.dims));
  }

  /** @param {number} i @param {Float64Array} vector */
  dot(i, vector) {
    const { rows, dims } = this;
    let sum = 0;
    for (let d = 0, at = i * dims; d < dims; d++, at++) sum += rows[at] * vector[d];
    return sum;
  }

  /** The dot products of all rows with a vector [n]. @param {Float64Array} vector */
  dots(vector) {
    const dots = new Float64Array(this.n);
    for (let i = 0; i < this.n; i++) dots[i] = this.dot(i, vector);
    return dots;
  }
}

/** @param {Float64Array} vector */
export function lengthOf(vector) {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}

/** @param {Float64Array} sum @param {Float64Array} vector @param {number} weight */
function addTo(sum, vector, weight) {
  for (let d = 0; d < sum.length; d++) sum[d] += weight * vector[d];
}

/**
 * The vector of a question's terms, the tokens among them, and a bound on its relative error.
 * @param {Matrix} matrix
 * @param {WeightedToken[]} terms
 * @param {boolean} asAnalogy
 * @returns {Question}
 */
export function question(matrix, terms, asAnalogy) {
  const vector = new Float64Array(matrix.dims);
  let [added, error] = [0, 0];
  for (const { token, weight } of terms) {
    const length = matrix.norms[token];
    const factor = asAnalogy ? weight / length : weight;
    addTo(vector, matrix.row(token), factor);
    added += Math.abs(factor) * length;
    error += Math.abs(factor) * matrix.errors[token] * (asAnalogy ? 2 : 1);
  }
  const length = lengthOf(vector);
  if (!(length > 1e-12 * added)) throw new Error("these vectors cancel out, which gives no direction");
  return { vector, inputs: [...new Set(terms.map((one) => one.token))], error: (2 * error) / length };
}

/** Whether terms are A - B + C, which is an analogy. @param {{weight: number}[]} terms */
export function isAnalogy(terms) {
  return terms.length === 3 && terms.map((one) => one.weight).join() === "1,-1,1";
}

/**
 * Indices that sort finite float32 numbers from the highest; equal ones keep their order.
 * @param {Float64Array} values
 */
export function fromHighest(values) {
  const n = values.length;
  const bits = new Int32Array(Float32Array.from(values, (value) => value + 0).buffer); // which has no -0
  const keys = new Float64Array(n); // whole numbers that sort as the values do, from the highest, and then by place
  let count = 0;
  for (let i = 0; i < n; i++) {
    if (Number.isFinite(values[i])) keys[count++] = (bits[i] < 0 ? 2 ** 31 + (bits[i] & 0x7fffffff) : 2 ** 31 - 1 - bits[i]) * n + i;
  }
  return Uint32Array.from(keys.subarray(0, count).sort(), (key) => key % n);
}

/**
 * The k nearest spellings without the inputs, and where these would have stood.
 * @param {Matrix} matrix
 * @param {Uint32Array} fold
 * @param {Question} asked
 * @param {number} k
 */
export function nearest(matrix, fold, { vector, inputs, error }, k) {
  const length = lengthOf(vector);
  const cosines = matrix.dots(vector).map((dot, i) => Math.fround(dot / (matrix.norms[i] * length)));
  const order = fromHighest(cosines);
  const out = new Set(inputs.map((token) => fold[token]));
  const seen = new Set();
  /** @type {Ranked[]} */
  const results = [];
  for (const i of order) {
    if (results.length > k) break; // one more, to tell whether the last rank is certain
    if (out.has(fold[i]) || seen.has(fold[i])) continue;
    seen.add(fold[i]);
    results.push({ token: i, cosine: cosines[i], sure: true });
  }
  if (!matrix.exact) markSure(matrix, results, cosines, fold, out, error);
  const leftOut = inputs.map((token) => ({ token, cosine: cosines[token], rank: rankOf(token, order, cosines, fold) }));
  return { results: results.slice(0, k), leftOut: leftOut.sort((a, b) => a.rank - b.rank) };
}

/**
 * The rank that a token would have if no input were left out.
 * @param {number} token
 * @param {Uint32Array} order
 * @param {Float64Array} cosines
 * @param {Uint32Array} fold
 */
function rankOf(token, order, cosines, fold) {
  const better = new Set();
  for (const i of order) {
    if (cosines[i] < cosines[token] || (cosines[i] === cosines[token] && i >= token)) break;
    if (fold[i] !== fold[token]) better.add(fold[i]);
  }
  return better.size + 1;
}

/**
 * A rank is certain if no other row's interval reaches the row's own.
 * @param {Matrix} matrix
 * @param {Ranked[]} results
 * @param {Float64Array} cosines
 * @param {Uint32Array} fold
 * @param {Set<number>} out
 * @param {number} error
 */
function markSure(matrix, results, cosines, fold, out, error) {
  /** @param {number} i */
  const room = (i) => (2 * matrix.errors[i]) / matrix.norms[i] + error + 1e-6;
  for (const [rank, one] of results.entries()) {
    const [low, high] = [one.cosine - room(one.token), one.cosine + room(one.token)];
    const above = new Set(results.slice(0, rank).map((better) => fold[better.token]));
    for (let i = 0; i < cosines.length && one.sure; i++) {
      if (fold[i] === fold[one.token] || out.has(fold[i])) continue;
      one.sure = above.has(fold[i]) || cosines[i] + room(i) < low;
    }
    for (const better of results.slice(0, rank)) one.sure &&= better.cosine - room(better.token) > high;
  }
}

/**
 * A, B, C, the sum and an answer in the plane through A, B and C, true to scale: corners, and the answer's distance.
 * @param {Matrix} matrix
 * @param {number[]} tokens A, B and C
 * @param {number} answer
 * @param {boolean} unit
 * @returns {{a: XY, b: XY, c: XY, sum: XY, answer: XY, off: number, side: number}}
 */
export function plane(matrix, [a, b, c], answer, unit) {
  /** @param {number} token */
  const at = (token) => matrix.row(token).map((value) => value / (unit ? matrix.norms[token] : 1));
  const [A, B, C, D] = [a, b, c, answer].map(at);
  /** @param {Float64Array} p @param {Float64Array} q */
  const minus = (p, q) => p.map((value, d) => value - q[d]);
  /** @param {Float64Array} p @param {Float64Array} q */
  const dot = (p, q) => p.reduce((sum, value, d) => sum + value * q[d], 0);
  const first = minus(A, B);
  const across = first.map((value) => value / lengthOf(first));
  const second = minus(C, B);
  const along = dot(second, across);
  const rest = second.map((value, d) => value - along * across[d]);
  const up = rest.map((value) => value / (lengthOf(rest) || 1));
  /** @param {Float64Array} p @returns {XY} */
  const place = (p) => [dot(minus(p, B), across), dot(minus(p, B), up)];
  const [x, y] = place(D);
  const gap = dot(minus(D, B), minus(D, B)) - x * x - y * y;
  const sum = A.map((value, d) => value - B[d] + C[d]);
  return { a: place(A), b: [0, 0], c: place(C), sum: place(sum), answer: [x, y], off: Math.sqrt(Math.max(0, gap)), side: lengthOf(first) };
}
