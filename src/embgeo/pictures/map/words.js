// From what a person types to tokens, and tokens as people read them.

/** @typedef {import("./data.js").MapData} MapData */

const UNSAFE = /\p{C}|\p{Zl}|\p{Zp}|\u00a0|\u034f|\u115f|\u1160|\u3164|\uffa0/gu;

/**
 * A token as shown: spaces drawn, invisible characters escaped.
 * @param {string} text
 */
export function shown(text) {
  const visible = text.replace(UNSAFE, (c) => {
    const code = c.codePointAt(0) ?? 0;
    return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
  return visible.replaceAll(" ", "␣");
}

/**
 * A token's text; one leading space marks the beginning of a word.
 * @param {string} text
 * @param {string} mark
 */
export function keyOf(text, mark) {
  if (mark === "leading space") return text;
  if (mark === "## continues") return text.startsWith("##") && text.length > 2 ? text.slice(2) : " " + text;
  if (mark === "trailing space") return text.endsWith(" ") ? " " + text.slice(0, -1) : text;
  return " " + text;
}

const SPECIAL = 5; // the kind of tokens that no text is split into

/** Finds tokens by word, and completes what is typed, by an index that is made when it is first wanted, or before. */
export class Words {
  /** @param {MapData} map */
  constructor(map) {
    this.map = map;
    this.reading = map.about.reading;
    this.indexed = 0; // tokens
    /** @type {string[]} */
    this.plain = []; // of each token, as it is searched
    /** The first token of each key, of usual ones and of special ones. @type {[Map<string, number>, Map<string, number>]} */
    this.first = [new Map(), new Map()];
  }

  /** Index the next tokens: all, or some while nobody waits. Whether more are left. */
  index(most = Infinity) {
    const { texts, kinds, n } = this.map;
    const stop = Math.min(n, this.indexed + most);
    for (let i = this.indexed; i < stop; i++) {
      const key = keyOf(texts[i], this.reading.mark);
      const first = this.first[kinds[i] === SPECIAL ? 1 : 0];
      if (!first.has(key)) first.set(key, i);
      this.plain.push(key.trim().toLowerCase());
    }
    this.indexed = stop;
    return stop < n;
  }

  /** A token's text with the beginning of a word marked by a space. @param {number} i */
  key(i) {
    return keyOf(this.map.texts[i], this.reading.mark);
  }

  /** The first token that has a key; a special one where no other has it. @param {string} key */
  byKey(key) {
    this.index();
    return this.first[0].get(key) ?? this.first[1].get(key);
  }

  /** The token of a row, or -1: rows rise. @param {number} row */
  byRow(row) {
    const { ids, n } = this.map;
    let [low, high] = [0, n];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ids[middle] < row) low = middle + 1;
      else high = middle;
    }
    return ids[low] === row ? low : -1;
  }

  /**
   * The token of a term: a word, "exact text" or id:N; -1 if there is none.
   * @param {string} term
   * @returns {number}
   */
  find(term) {
    const text = term.trim();
    const row = /^id:(\d+)$/.exec(text);
    if (row) return this.byRow(Number(row[1]));
    const exact = /^(["'])(.+)\1$/s.exec(text);
    if (exact) return this.byKey(keyOf(exact[2], this.reading.mark)) ?? this.byKey(exact[2]) ?? -1;
    const found = this.word(text);
    if (found >= 0 || !this.reading.folds) return found;
    const others = [text.toLowerCase(), text.charAt(0).toUpperCase() + text.slice(1).toLowerCase(), text.toUpperCase()];
    return others.map((other) => this.word(other)).find((i) => i >= 0) ?? -1;
  }

  /** @param {string} text */
  word(text) {
    const spellings = [text];
    if (this.reading.lowercase) {
      let lower = text.toLowerCase();
      if (this.reading.strips_accents) lower = lower.normalize("NFD").replace(/\p{Mn}/gu, "");
      spellings.push(lower);
    }
    for (const spelling of spellings) {
      const found = this.byKey(" " + spelling);
      if (found !== undefined) return found;
      const bare = this.byKey(spelling);
      if (bare !== undefined && this.map.kinds[bare] === SPECIAL) return bare;
    }
    return -1;
  }

  /**
   * Up to `most` tokens that begin with a text, whole words and low rows first; then those that contain it.
   * @param {string} text
   */
  complete(text, most = 8) {
    const wanted = text.trim().toLowerCase();
    /** @type {number[][]} */
    const [equal, begins, contains] = [[], [], []];
    if (!wanted) return equal;
    this.index();
    for (let i = 0; i < this.map.n; i++) {
      const plain = this.plain[i];
      if (plain === wanted) equal.push(i);
      else if (begins.length < most && plain.startsWith(wanted)) begins.push(i);
      else if (contains.length < most && wanted.length > 2 && plain.includes(wanted)) contains.push(i);
    }
    /** @param {number} i */
    const whole = (i) => (this.key(i).startsWith(" ") ? 0 : 1);
    equal.sort((a, b) => whole(a) - whole(b) || a - b);
    return [...equal, ...begins, ...contains].slice(0, most);
  }

  /** @param {number} i */
  label(i) {
    return shown(this.map.texts[i].trim() || this.map.texts[i]);
  }
}
