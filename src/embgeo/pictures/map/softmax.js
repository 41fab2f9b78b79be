// Shares of all tokens: logits with every row, and their softmax, as `embgeo unembed` computes them.

/** @typedef {import("./live.js").Matrix} Matrix */

/** Logits of all rows, and the rows from the highest down. */
export class Logits {
  /**
   * @param {Matrix} matrix
   * @param {Float64Array} vector
   * @param {number} zeros rows of length zero, which are not on the map and whose logits are 0
   */
  constructor(matrix, vector, zeros) {
    this.values = matrix.dots(vector);
    this.zeros = zeros;
    this.order = Array.from(this.values.keys()).sort((a, b) => this.values[b] - this.values[a] || a - b);
    this.highest = zeros ? Math.max(0, this.values[this.order[0]]) : this.values[this.order[0]];
  }

  /**
   * The k likeliest tokens at a temperature, and the entropy of all in nats.
   * @param {number} temperature more than 0
   * @param {number} k
   */
  at(temperature, k) {
    const weights = this.values.map((value) => Math.exp((value - this.highest) / temperature));
    const zero = Math.exp(-this.highest / temperature);
    const sum = weights.reduce((all, weight) => all + weight, this.zeros * zero);
    /** @param {number} weight */
    const part = (weight) => (weight > 0 ? (weight / sum) * Math.log(weight / sum) : 0);
    const entropy = -weights.reduce((all, weight) => all + part(weight), this.zeros * part(zero));
    const results = this.order.slice(0, k).map((token) => ({ token, logit: this.values[token], share: weights[token] / sum }));
    return { results, entropy: Math.max(0, entropy) };
  }
}
