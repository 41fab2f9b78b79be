// From what a person types to tokens, and tokens as people read them.

/** @typedef {import("./data.js").MapData} MapData */

const UNSAFE = /\p{C}|\p{Zl}|\p{Zp}|\u00a0|\u034f|\u115f|\u1160|\u3164|\uffa0/gu;

/**
 * A token for people: spaces drawn, what can't be seen as its escape.
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
 * A token's text with the beginning of a word marked by one leading space.
 * @param {string} text
 * @param {string} mark
 */
export function keyOf(text, mark) {
  if (mark === "leading space") return text;
  if (mark === "## continues") return text.startsWith("##") && text.length > 2 ? text.slice(2) : " " + text;
  if (mark === "trailing space") return text.endsWith(" ") ? " " + text.slice(0, -1) : text;
  return " " + text;
}

/** Finds tokens by word, and completes what is typed. */
export class Words {
  /** @param {MapData} map */
  constructor(map) {
    this.map = map;
    this.reading = map.about.reading;
    /** @type {Map<string, number>} */
    this.byKey = new Map();
    /** @type {Map<number, number>} */
    this.byRow = new Map();
    const keys = map.texts.map((text) => keyOf(text, this.reading.mark));
    const special = 5;
    for (const last of [false, true]) {
      for (let i = 0; i < map.n; i++) {
        if ((map.kinds[i] === special) === last && !this.byKey.has(keys[i])) this.byKey.set(keys[i], i);
      }
    }
    map.ids.forEach((id, i) => this.byRow.set(id, i));
    this.plain = keys.map((key) => key.trim().toLowerCase());
    this.keys = keys;
  }

  /**
   * The token of a term: a word, "exact text" or id:N; -1 if there is none.
   * @param {string} term
   * @returns {number}
   */
  find(term) {
    const text = term.trim();
    const row = /^id:(\d+)$/.exec(text);
    if (row) return this.byRow.get(Number(row[1])) ?? -1;
    const exact = /^(["'])(.+)\1$/s.exec(text);
    if (exact) return this.byKey.get(keyOf(exact[2], this.reading.mark)) ?? this.byKey.get(exact[2]) ?? -1;
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
      const found = this.byKey.get(" " + spelling);
      if (found !== undefined) return found;
      const bare = this.byKey.get(spelling);
      if (bare !== undefined && this.map.kinds[bare] === 5) return bare;
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
    for (let i = 0; i < this.map.n; i++) {
      const plain = this.plain[i];
      if (plain === wanted) equal.push(i);
      else if (begins.length < most && plain.startsWith(wanted)) begins.push(i);
      else if (contains.length < most && wanted.length > 2 && plain.includes(wanted)) contains.push(i);
    }
    /** @param {number} i */
    const whole = (i) => (this.keys[i].startsWith(" ") ? 0 : 1);
    equal.sort((a, b) => whole(a) - whole(b) || a - b);
    return [...equal, ...begins, ...contains].slice(0, most);
  }

  /** @param {number} i */
  label(i) {
    return shown(this.map.texts[i].trim() || this.map.texts[i]);
  }
}
