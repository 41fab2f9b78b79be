// How much is drawn while a map moves: as much as the device can draw in time.

const FIRST_POINTS = 60000; // points
const LEAST_POINTS = 10000;
const MOST_POINTS = 4000000;
const QUICK = 19; // milliseconds per frame that leave room for more
const SLOW = 23;
const ALL_LABELS = 40000; // points with which all labels are drawn
const FEWEST_LABELS = 0.4; // of them

/** Every how manieth of n points is drawn if they are to be at most so many. @param {number} n @param {number} most */
export function stepOf(n, most) {
  return Math.max(1, Math.ceil(n / most));
}

export class Pace {
  constructor() {
    this.points = FIRST_POINTS;
    this.mean = 16; // milliseconds per frame
    this.last = 0;
  }

  /** The share of the labels that a picture of so many points has. */
  get labels() {
    return Math.min(1, Math.max(FEWEST_LABELS, this.points / ALL_LABELS));
  }

  /** A frame begins. @param {number} now in milliseconds @param {boolean} drawn whether something is drawn in it */
  frame(now, drawn) {
    if (this.last) {
      this.mean += 0.3 * (Math.min(200, now - this.last) - this.mean);
      if (this.mean > SLOW) this.points = Math.max(LEAST_POINTS, this.points * 0.85);
      else if (this.mean < QUICK) this.points = Math.min(MOST_POINTS, this.points * 1.06);
    }
    this.last = drawn ? now : 0;
  }

  /** The map stands still: the time until the next frame doesn't measure drawing. */
  rest() {
    this.last = 0;
  }
}
