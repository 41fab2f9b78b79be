// Draws points by WebGL2.

import { stepOf } from "./pace.js";
import { pointSize } from "./view.js";

const VERTEX = `#version 300 es
in vec2 place; in vec4 color;
uniform vec2 middle, scale, shift; uniform vec3 paper; uniform float size, alpha;
out vec3 paint;
void main() {
  gl_Position = vec4((place - middle) * scale + shift, 0.0, 1.0);
  gl_PointSize = size; paint = mix(paper, color.rgb, alpha);
}`;
const FRAGMENT = `#version 300 es
precision mediump float;
in vec3 paint; uniform float round_; out vec4 result;
void main() {
  float edge = length(gl_PointCoord - 0.5) * 2.0;
  float cover = round_ > 0.5 ? 1.0 - smoothstep(0.75, 1.0, edge) : 1.0;
  if (cover <= 0.0) discard;
  result = vec4(paint * cover, cover);
}`;
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** @typedef {import("./data.js").MapData} MapData */
/** @typedef {import("./view.js").View} View */
/**
 * Draws points on one canvas.
 * @typedef {object} Renderer
 * @property {string} name
 * @property {(colors: Uint8Array<ArrayBuffer>, paper: number[]) => void} recolor RGBA of every point, and RGB behind them
 * @property {(view: View, alpha: number, most: number, ratio: number) => void} draw every point, or every second, third ...
 */

/** Whether WebGL runs on the processor, ten times slower than drawing pixel by pixel. @param {WebGL2RenderingContext} gl */
function isSoftware(gl) {
  const named = gl.getExtension("WEBGL_debug_renderer_info");
  return SOFTWARE.test(gl.getParameter(named ? named.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
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
export function glPoints(canvas, map) {
  const gl = canvas.getContext("webgl2", { antialias: false, alpha: false });
  const program = gl && !isSoftware(gl) && glProgram(gl);
  if (!program) return null;
  const buffers = [gl.createBuffer(), gl.createBuffer()];
  const places = new Uint16Array(2 * map.n);
  for (let i = 0; i < map.n; i++) {
    places[2 * i] = map.x[i];
    places[2 * i + 1] = map.y[i];
  }
  gl.bindBuffer(gl.ARRAY_BUFFER, buffers[0]);
  gl.bufferData(gl.ARRAY_BUFFER, places, gl.STATIC_DRAW);
  gl.useProgram(program);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  /** @param {string} name */
  const [middle, scale, shift, paper, size, alpha, round] = ["middle", "scale", "shift", "paper", "size", "alpha", "round_"].map((name) =>
    gl.getUniformLocation(program, name));
  const attributes = ["place", "color"].map((name) => gl.getAttribLocation(program, name));
  attributes.forEach((one) => gl.enableVertexAttribArray(one));
  return {
    name: "WebGL2",
    recolor(colors, behind) {
      const [red, green, blue] = behind.map((part) => part / 255);
      gl.clearColor(red, green, blue, 1);
      gl.uniform3f(paper, red, green, blue);
      gl.bindBuffer(gl.ARRAY_BUFFER, buffers[1]);
      gl.bufferData(gl.ARRAY_BUFFER, colors, gl.STATIC_DRAW);
    },
    draw(view, opacity, most, ratio) {
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clear(gl.COLOR_BUFFER_BIT);
      const step = stepOf(map.n, most);
      [[2, gl.UNSIGNED_SHORT, 4], [4, gl.UNSIGNED_BYTE, 4]].forEach(([width, kind, stride], i) => {
        gl.bindBuffer(gl.ARRAY_BUFFER, buffers[i]);
        gl.vertexAttribPointer(attributes[i], width, kind, true, stride * step, 0);
      });
      const [mx, my] = view.middle;
      const diameter = pointSize(view, map.n) * ratio;
      gl.uniform2f(middle, view.x / 65535, view.y / 65535);
      gl.uniform2f(scale, (2 * view.scale * 65535) / view.width, (2 * view.scale * 65535) / view.height);
      gl.uniform2f(shift, (2 * mx) / view.width - 1, 1 - (2 * my) / view.height);
      gl.uniform1f(size, diameter);
      gl.uniform1f(alpha, opacity);
      gl.uniform1f(round, diameter > 3 ? 1 : 0);
      gl.drawArrays(gl.POINTS, 0, Math.floor(map.n / step));
    },
  };
}
