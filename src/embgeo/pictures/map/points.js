// Draws all points: by WebGL2, or pixel by pixel where there is none.

const VERTEX = `#version 300 es
in vec2 place; in vec4 color;
uniform vec2 middle, scale, shift; uniform float size, alpha;
out vec4 paint;
void main() {
  gl_Position = vec4((place - middle) * scale + shift, 0.0, 1.0);
  gl_PointSize = size; paint = vec4(color.rgb, alpha);
}`;
const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 paint; uniform float round_; out vec4 result;
void main() {
  float edge = length(gl_PointCoord - 0.5) * 2.0;
  float cover = round_ > 0.5 ? 1.0 - smoothstep(0.75, 1.0, edge) : 1.0;
  if (cover <= 0.0) discard;
  result = vec4(paint.rgb * paint.a * cover, paint.a * cover);
}`;
const MOVING = 60000; // more points than these are thinned while the view moves
const MOST_LOST = 3; // contexts; then the canvas draws

/** @typedef {import("./data.js").MapData} MapData */
/** @typedef {import("./view.js").View} View */
/**
 * What draws points on one canvas.
 * @typedef {object} Renderer
 * @property {string} name
 * @property {(colors: Uint8Array<ArrayBuffer>) => void} recolor RGBA of every point
 * @property {(view: View, alpha: number, moving: boolean, ratio: number) => void} draw
 */

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

/** @param {WebGL2RenderingContext} gl */
function glProgram(gl) {
  const program = gl.createProgram();
  for (const [kind, source] of /** @type {[number, string][]} */ ([[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]])) {
    const shader = gl.createShader(kind);
    if (!shader) return null;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  return gl.getProgramParameter(program, gl.LINK_STATUS) ? program : null;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {MapData} map
 * @returns {Renderer | null}
 */
function glPoints(canvas, map) {
  const gl = canvas.getContext("webgl2", { antialias: false, alpha: true, premultipliedAlpha: true });
  const program = gl && glProgram(gl);
  if (!program) return null;
  const buffers = [gl.createBuffer(), gl.createBuffer()];
  const places = new Uint16Array(2 * map.n);
  for (let i = 0; i < map.n; i++) [places[2 * i], places[2 * i + 1]] = [map.x[i], map.y[i]];
  gl.bindBuffer(gl.ARRAY_BUFFER, buffers[0]);
  gl.bufferData(gl.ARRAY_BUFFER, places, gl.STATIC_DRAW);
  gl.useProgram(program);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  /** @param {string} name */
  const at = (name) => gl.getUniformLocation(program, name);
  const attributes = ["place", "color"].map((name) => gl.getAttribLocation(program, name));
  attributes.forEach((one) => gl.enableVertexAttribArray(one));
  return {
    name: "WebGL2",
    recolor(colors) {
      gl.bindBuffer(gl.ARRAY_BUFFER, buffers[1]);
      gl.bufferData(gl.ARRAY_BUFFER, colors, gl.STATIC_DRAW);
    },
    draw(view, alpha, moving, ratio) {
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      const step = moving && map.n > MOVING ? Math.ceil(map.n / MOVING) : 1;
      [[2, gl.UNSIGNED_SHORT, 4], [4, gl.UNSIGNED_BYTE, 4]].forEach(([width, kind, stride], i) => {
        gl.bindBuffer(gl.ARRAY_BUFFER, buffers[i]);
        gl.vertexAttribPointer(attributes[i], width, kind, true, stride * step, 0);
      });
      const [mx, my] = view.middle;
      const size = pointSize(view, map.n) * ratio;
      gl.uniform2f(at("middle"), view.x / 65535, view.y / 65535);
      gl.uniform2f(at("scale"), (2 * view.scale * 65535) / view.width, (2 * view.scale * 65535) / view.height);
      gl.uniform2f(at("shift"), (2 * mx) / view.width - 1, 1 - (2 * my) / view.height);
      gl.uniform1f(at("size"), size);
      gl.uniform1f(at("alpha"), alpha);
      gl.uniform1f(at("round_"), size > 3 ? 1 : 0);
      gl.drawArrays(gl.POINTS, 0, Math.floor(map.n / step));
    },
  };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {MapData} map
 * @returns {Renderer}
 */
function pixelPoints(canvas, map) {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser draws on no canvas");
  let packed = new Uint32Array(map.n);
  return {
    name: "Canvas2D",
    recolor(colors) {
      packed = new Uint32Array(colors.buffer.slice(0));
    },
    draw(view, alpha, moving, ratio) {
      const { width, height } = canvas;
      const image = context.createImageData(width, height);
      const pixels = new Uint32Array(image.data.buffer);
      const opaque = (Math.round(255 * alpha) << 24) >>> 0;
      const step = moving && map.n > MOVING ? Math.ceil(map.n / MOVING) : 1;
      const side = Math.max(1, Math.round(pointSize(view, map.n) * ratio));
      const [mx, my] = view.middle;
      const scale = view.scale * ratio;
      for (let i = 0; i < map.n; i += step) {
        const left = Math.round(mx * ratio + (map.x[i] - view.x) * scale - side / 2);
        const top = Math.round(my * ratio - (map.y[i] - view.y) * scale - side / 2);
        if (left < 0 || top < 0 || left + side > width || top + side > height) continue;
        const paint = ((packed[i] & 0xffffff) | opaque) >>> 0;
        for (let y = 0; y < side; y++) pixels.fill(paint, (top + y) * width + left, (top + y) * width + left + side);
      }
      context.putImageData(image, 0, 0);
    },
  };
}

/** The points of a map: on a new canvas, without WebGL2 if need be, when the graphics card has lost the old one. */
export class Points {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {MapData} map
   * @param {() => void} redraw called after a canvas has been replaced
   */
  constructor(canvas, map, redraw) {
    this.map = map;
    this.redraw = redraw;
    this.canvas = canvas;
    this.colors = new Uint8Array(4 * map.n);
    this.lost = 0;
    this.renderer = this.start();
  }

  get name() {
    return this.renderer.name;
  }

  /** @returns {Renderer} */
  start() {
    try {
      const found = this.lost < MOST_LOST ? glPoints(this.canvas, this.map) : null;
      if (found) {
        this.canvas.addEventListener("webglcontextlost", () => this.restart(), { once: true });
        return found;
      }
    } catch {
      // no WebGL2 after all
    }
    this.replace(); // a canvas keeps its first kind of context
    return pixelPoints(this.canvas, this.map);
  }

  restart() {
    this.lost++;
    this.replace();
    this.renderer = this.start();
    this.renderer.recolor(this.colors);
    this.redraw();
  }

  replace() {
    const fresh = /** @type {HTMLCanvasElement} */ (this.canvas.cloneNode());
    this.canvas.replaceWith(fresh);
    this.canvas = fresh;
  }

  /** @param {Uint8Array<ArrayBuffer>} colors RGBA of every point */
  recolor(colors) {
    this.colors = colors;
    this.renderer.recolor(colors);
  }

  /** @param {View} view @param {number} alpha @param {boolean} moving @param {number} ratio */
  draw(view, alpha, moving, ratio) {
    this.renderer.draw(view, alpha, moving, ratio);
  }
}
