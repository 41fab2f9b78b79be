// The nearest tokens of each token, decoded when they are needed.

export class Lists {
  /**
   * @param {Uint8Array} bytes planes of the listed tokens [count * n], the first of all, then the second; then of cosines
   * @param {number} n tokens
   * @param {number} count listed for each
   * @param {number} width bytes of a token's number
   */
  constructor(bytes, n, count, width) {
    this.bytes = bytes;
    this.n = n;
    this.count = count;
    this.width = width;
  }

  /** A number from its planes. @param {number} from @param {number} width @param {number} place */
  number(from, width, place) {
    let number = 0;
    for (let plane = 0; plane < width; plane++) number += this.bytes[from + plane * this.count * this.n + place] * 256 ** plane;
    return number;
  }

  /**
   * The tokens nearest to one, by decreasing cosine; a short list where the model has no more tokens.
   * @param {number} token
   */
  of(token) {
    const none = 256 ** this.width - 1;
    /** @type {{token: number, cosine: number}[]} */
    const found = [];
    let level = 0; // ten thousandths above -1
    for (let k = 0; k < this.count; k++) {
      const place = k * this.n + token;
      const step = this.number(this.width * this.count * this.n, 2, place);
      level = k ? level - step : step;
      const other = this.number(0, this.width, place);
      if (other !== none) found.push({ token: other, cosine: (level - 10000) / 10000 });
    }
    return found;
  }
}
