// The visible part of the plane: coordinates from 0 to 65535, y upwards.

export const SIDE = 65535;

/** The middle of the view in places, and pixels a place. */
export class View {
  constructor() {
    this.x = SIDE / 2;
    this.y = SIDE / 2;
    this.scale = 0.01;
    this.fitted = 0.01;
    this.width = 1;
    this.height = 1;
    this.free = { left: 0, top: 0, right: 0, bottom: 0 }; // pixels covered by the panel
  }

  /** The middle of what the panel leaves free, in pixels. */
  get middle() {
    const { left, top, right, bottom } = this.free;
    return [left + (this.width - left - right) / 2, top + (this.height - top - bottom) / 2];
  }

  /** @param {number} x @param {number} y @returns {[number, number]} */
  toScreen(x, y) {
    const [mx, my] = this.middle;
    return [mx + (x - this.x) * this.scale, my - (y - this.y) * this.scale];
  }

  /** @param {number} px @param {number} py @returns {[number, number]} */
  toPlace(px, py) {
    const [mx, my] = this.middle;
    return [this.x + (px - mx) / this.scale, this.y - (py - my) / this.scale];
  }

  get zoom() {
    return this.scale / this.fitted;
  }

  fitScale() {
    const { left, top, right, bottom } = this.free;
    const room = Math.max(80, Math.min(this.width - left - right, this.height - top - bottom));
    this.fitted = (0.94 * room) / SIDE;
  }

  fit() {
    this.fitScale();
    [this.x, this.y, this.scale] = [SIDE / 2, SIDE / 2, this.fitted];
  }

  /** @param {number} factor @param {number} px @param {number} py */
  zoomAt(factor, px, py) {
    const [x, y] = this.toPlace(px, py);
    this.scale = Math.min(4000 * this.fitted, Math.max(0.5 * this.fitted, this.scale * factor));
    const [nx, ny] = this.toPlace(px, py);
    this.x += x - nx;
    this.y += y - ny;
  }

  /** @param {number} dx @param {number} dy */
  pan(dx, dy) {
    this.x -= dx / this.scale;
    this.y += dy / this.scale;
  }

  /**
   * Show some points, with a margin around them, magnified at most `most` times.
   * @param {number[]} xs
   * @param {number[]} ys
   */
  show(xs, ys, most = 24) {
    const [lx, hx, ly, hy] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const { left, top, right, bottom } = this.free;
    const wide = (this.width - left - right) / Math.max(1, hx - lx);
    const high = (this.height - top - bottom) / Math.max(1, hy - ly);
    this.scale = Math.min(0.7 * Math.min(wide, high), most * this.fitted);
    this.scale = Math.max(this.scale, this.fitted);
    [this.x, this.y] = [(lx + hx) / 2, (ly + hy) / 2];
  }
}

/**
 * The diameter of a point in pixels.
 * @param {View} view
 * @param {number} n
 */
export function pointSize(view, n) {
  const area = view.width * view.height;
  const base = Math.min(4, Math.max(1.4, 0.5 * Math.sqrt(area / n)));
  return Math.min(8, base * Math.pow(Math.max(1, view.zoom), 0.35));
}

/**
 * The state of the page as text behind the #, and back.
 * @param {Record<string, string | number | null | undefined>} state
 */
export function toHash(state) {
  const parts = Object.entries(state).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return "#" + parts.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join("&");
}

/** @param {string} hash */
export function fromHash(hash) {
  /** @type {Record<string, string>} */
  const state = {};
  for (const part of hash.replace(/^#/, "").split("&")) {
    const at = part.indexOf("=");
    if (at > 0) {
      try {
        state[part.slice(0, at)] = decodeURIComponent(part.slice(at + 1));
      } catch {
        // a damaged link: what can be read is restored
      }
    }
  }
  return state;
}
