// The page: reads its data, listens, and draws a frame whenever something has changed.

import { readMap, unpack } from "./data.js";
import { Words } from "./words.js";
import { isExpression, parseExpression } from "./expression.js";
import { Matrix, isAnalogy, nearest, plane, question } from "./live.js";
import { KINDS, KIND_COLORS, onScale, pointColors, scaleOf, shares } from "./colors.js";
import { View, fromHash, toHash } from "./view.js";
import { Near, within } from "./near.js";
import { labelOrder } from "./labels.js";
import { pointRenderer } from "./points.js";
import { Overlay } from "./overlay.js";
import { digits, make, ordinal, parallelogram, quoted, tokenList } from "./panel.js";

const at = (id) => document.getElementById(id);
const MODES = { kind: "kind of token", length: "length of the row", id: "row number", kept: "neighborhood kept", direction: "a direction" };
const SHOWN = 200; // words of a lasso that are listed

class Page {
  constructor(map, matrix) {
    this.map = map;
    this.matrix = matrix;
    this.words = new Words(map);
    this.near = new Near(map);
    this.view = new View();
    this.points = pointRenderer(at("points"), map);
    this.overlay = new Overlay(at("overlay"), map, this.words, labelOrder(map).order);
    this.scene = { chosen: -1, near: [], torn: [], named: [], hover: -1, lasso: [], arrows: map.about.pairs.map(([, , a, b]) => [a, b]) };
    this.mode = "kind";
    this.direction = null;
    this.query = "";
    this.moving = 0;
    this.frame = 0;
  }

  get dark() {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  resize() {
    const ratio = (this.ratio = Math.min(3, devicePixelRatio || 1));
    const [width, height] = [innerWidth, innerHeight];
    for (const canvas of [this.points.canvas ?? at("points"), at("overlay")]) [canvas.width, canvas.height] = [width * ratio, height * ratio];
    const panel = at("panel").getBoundingClientRect();
    const bottom = at("facts").getBoundingClientRect().height + 14;
    const narrow = width <= 700;
    const whole = this.view.scale === this.view.fitted;
    Object.assign(this.view, { width, height });
    this.view.free = narrow ? { left: 0, top: Math.min(panel.bottom, height * 0.52), right: 0, bottom } : { left: panel.right, top: 6, right: 6, bottom };
    if (whole) this.view.fit();
    else this.view.fitScale();
    this.redraw();
  }

  redraw() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      const faded = this.scene.chosen >= 0 || this.scene.named.length > 0;
      this.points.draw(this.view, faded ? 0.3 : 0.85, this.moving > 0, this.ratio);
      this.overlay.draw(this.view, this.scene, this.ratio);
    });
  }

  moved() {
    clearTimeout(this.moving);
    this.moving = setTimeout(() => {
      this.moving = 0;
      this.redraw();
      this.remember();
    }, 140);
    this.redraw();
  }

  recolor() {
    this.points.recolor(pointColors(this.map, this.mode, this.direction, this.dark));
    const legend = at("legend");
    if (this.mode === "kind") {
      const there = new Set(this.map.kinds);
      legend.replaceChildren(...KINDS.flatMap((name, kind) => {
        if (!there.has(kind)) return [];
        const spot = make("i");
        spot.style.background = `rgb(${KIND_COLORS[kind]})`;
        return [make("span", {}, spot, name)];
      }));
    } else {
      const bar = make("canvas", { width: 256, height: 1, "aria-hidden": true });
      const context = bar.getContext("2d");
      const scale = scaleOf(this.mode, this.dark);
      for (let x = 0; x < 256; x++) {
        context.fillStyle = `rgb(${onScale(x / 255, scale)})`;
        context.fillRect(x, 0, 1, 1);
      }
      const [low, high] = shares(this.map, this.mode, this.direction).ends;
      const children = [bar, make("span", { class: "ends" }, make("span", {}, low), make("span", {}, high))];
      if (this.mode === "direction") children.push(make("span", {}, `dot product with ${this.direction.name}`));
      legend.replaceChildren(...children);
    }
    this.redraw();
  }

  remember() {
    const { view, scene } = this;
    const whole = view.scale === view.fitted;
    const place = whole ? "" : [view.x, view.y].map((value) => value.toFixed(1)).join(",") + "," + view.zoom.toFixed(3);
    const state = {
      token: scene.chosen >= 0 ? this.map.ids[scene.chosen] : "", ask: this.query, color: this.mode === "kind" ? "" : this.mode,
      direction: this.mode === "direction" ? this.direction?.name : "", view: place, theme: document.documentElement.dataset.theme ?? "",
    };
    const hash = toHash(state);
    if (hash === location.hash || (hash === "#" && !location.hash)) return;
    try {
      history.replaceState(null, "", hash);
    } catch {
      // a frame without an address of its own, as in a notebook
    }
  }

  restore() {
    const state = fromHash(location.hash);
    if (["dark", "light"].includes(state.theme)) document.documentElement.dataset.theme = state.theme;
    this.setMode(Object.hasOwn(MODES, state.color) ? state.color : this.map.color ? "direction" : "kind", state.direction);
    const [x, y, zoom] = (state.view ?? "").split(",").map(Number);
    if (state.token && this.words.find(`id:${state.token}`) >= 0) this.choose(this.words.find(`id:${state.token}`), false);
    if (state.ask) this.ask(state.ask);
    if (zoom > 0 && [x, y, zoom].every((value) => Number.isFinite(value))) Object.assign(this.view, { x, y, scale: Math.min(4000, zoom) * this.view.fitted });
    this.redraw();
  }

  setMode(mode, text) {
    at("direction").hidden = mode !== "direction" || !this.matrix;
    if (mode === "direction") {
      const own = this.map.color && (!text || text === this.map.about.color[0]);
      if (own) {
        const [name, low, high] = this.map.about.color;
        this.direction = { name, values: Float32Array.from(this.map.color, (level) => low + ((high - low) * level) / 65535) };
      } else if (this.matrix) this.direction = this.directionOf(text || at("direction").value || "") ?? this.direction;
      if (!this.direction) {
        this.recolor();
        at("mode").value = this.matrix ? mode : this.mode;
        if (this.matrix) at("legend").replaceChildren(make("span", {}, "Type a direction, such as cats - cat."));
        return;
      }
      at("direction").value = this.direction.name;
    }
    this.mode = mode;
    at("mode").value = mode;
    this.recolor();
  }

  directionOf(text) {
    try {
      const { vector } = question(this.matrix, this.read(text), false);
      return { name: text, values: this.matrix.dots(vector) };
    } catch (error) {
      if (text) this.say(make("p", {}, `'${text}': ${error.message}.`));
      return null;
    }
  }

  /** A text as terms with their tokens; throws an Error that says what is wrong. */
  read(text) {
    return parseExpression(text).map(({ term, weight }) => {
      const token = this.words.find(term);
      if (token < 0) throw new Error(`'${term}' is not one token on this map; embgeo tokens ${quoted(term)} ${this.map.about.naming} shows how it splits`);
      return { term, weight, token };
    });
  }

  say(...children) {
    const held = at("chosen").contains(document.activeElement);
    at("chosen").replaceChildren(...children);
    if (held) at("chosen").focus({ preventScroll: true }); // or the next Tab would start at the top of the page
    if (innerWidth <= 700) this.resize();
  }

  clear() {
    Object.assign(this.scene, { chosen: -1, near: [], torn: [], named: [], lasso: [], hover: -1 });
    this.query = "";
    at("query").value = "";
    this.say();
    this.redraw();
    this.remember();
  }

  choose(token, move = true) {
    const { map, words } = this;
    this.query = "";
    const others = Array.from({ length: map.lists }, (_, k) => map.listed[token * map.lists + k]).filter((i) => i >= 0);
    const marks = this.near.areNear(token, others, map.about.near);
    const items = others.map((i, k) => ({ token: i, cosine: map.cosines[token * map.lists + k], mark: marks[k] }));
    const [near, torn] = [true, false].map((mark) => others.filter((_, k) => marks[k] === mark));
    Object.assign(this.scene, { chosen: token, near, torn, named: [], lasso: [] });
    const [least, most] = map.about.norms;
    const length = (least + ((most - least) * map.norms[token]) / 65535).toFixed(3);
    at("query").value = words.label(token);
    this.say(
      make("h2", {}, words.label(token)),
      make("p", {}, `row ${map.ids[token]} · ${KINDS[map.kinds[token]]} · length ${length}`),
      make("p", {}, `Its nearest tokens by cosine in the model; ${near.length} of ${others.length} are near here, the picture tears ${torn.length} away.`),
      tokenList(words, items, (i) => this.choose(i)),
    );
    if (move) {
      const shown = [token, ...near];
      this.view.show(shown.map((i) => map.x[i]), shown.map((i) => map.y[i]));
    }
    this.moved();
  }

  ask(text) {
    const { map, matrix, words } = this;
    try {
      if (!isExpression(text)) {
        const [term] = this.read(text);
        this.choose(term.token);
        return;
      }
      if (!matrix) throw new Error("this page holds no matrix, so it can't compute; embgeo map --live float16 writes one that can");
      const terms = this.read(text);
      const analogy = isAnalogy(terms);
      const asked = question(matrix, terms, analogy);
      const found = nearest(matrix, map.fold, asked, 10);
      this.query = text;
      at("query").value = text;
      const tokens = found.results.map((one) => one.token);
      Object.assign(this.scene, { chosen: -1, near: [], torn: [], named: [...asked.inputs, ...tokens], lasso: [] });
      this.say(...this.answer(text, terms, analogy, found));
      const shown = [...asked.inputs, ...tokens.slice(0, 3)];
      this.view.show(shown.map((i) => map.x[i]), shown.map((i) => map.y[i]));
      this.moved();
    } catch (error) {
      this.say(make("p", { role: "alert" }, `${error.message}.`));
    }
  }

  answer(text, terms, analogy, { results, leftOut }) {
    const { matrix, words } = this;
    const items = results.map(({ token, cosine, sure }) => (matrix.exact ? { token, cosine } : { token, cosine, sure }));
    const places = leftOut.map(({ token, cosine, rank }) => `${words.label(token)} ${digits(cosine)} would be ${ordinal(rank)}`);
    const typed = analogy ? ["analogy", ...terms.map(({ term }) => term)] : ["neighbors", text];
    const same = `embgeo ${typed.map(quoted).join(" ")} --pieces ${this.map.about.naming}`;
    const parts = [make("h2", {}, text), tokenList(words, items, (i) => this.choose(i)), make("p", {}, `left out: ${places.join(", ")}`)];
    if (!matrix.exact) parts.push(make("p", {}, "Approximate: the rows are rounded to 8 bits. A rank marked certain is proven."));
    else if (matrix.rounded) parts.push(make("p", {}, "The rows are rounded to float16, so last digits can differ from the command's."));
    parts.push(make("p", {}, analogy ? "Rows at length 1, by cosine (3CosAdd). The same: " : "Raw rows, by cosine. The same: ", make("code", {}, same)));
    if (analogy && results.length) parts.push(...this.figure(terms, results[0].token));
    return parts;
  }

  figure(terms, answer) {
    const { words } = this;
    const found = plane(this.matrix, terms.map((one) => one.token), answer, true);
    const [a, b, c] = terms.map((one) => words.label(one.token));
    const name = words.label(answer);
    return [
      parallelogram({ a, b, c, sum: "the sum", answer: name }, found),
      make("p", {}, `The plane through ${a}, ${b} and ${c}, true to scale: the sum lies in it, ${name} lies ${found.off.toFixed(2)} off it (${a} to ${b} is ${found.side.toFixed(2)}).`),
    ];
  }

  select(line) {
    const places = line.map(([x, y]) => this.view.toPlace(x, y));
    const inside = [];
    for (let i = 0; i < this.map.n; i++) if (within(this.map.x[i], this.map.y[i], places)) inside.push(i);
    const texts = inside.map((i) => this.words.label(i));
    const count = `${inside.length.toLocaleString("en")} token${inside.length === 1 ? "" : "s"}`;
    const more = texts.length > SHOWN ? ` … and ${(texts.length - SHOWN).toLocaleString("en")} more` : "";
    const copy = make("button", { type: "button", onclick: () => this.copy(copy, texts.join("\n")) }, "Copy words");
    const save = make("button", { type: "button", onclick: () => download("words.txt", texts.join("\n") + "\n") }, "Save words");
    Object.assign(this.scene, { chosen: -1, near: [], torn: [], named: [], lasso: line });
    this.say(make("h2", {}, count), make("div", { class: "tools" }, copy, save), make("div", { class: "words", tabindex: 0 }, texts.slice(0, SHOWN).join("  ") + more));
    this.redraw();
  }

  async copy(button, text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = make("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    button.textContent = "Copied";
  }
}

function download(name, text) {
  const link = make("a", { href: URL.createObjectURL(new Blob([text], { type: "text/plain" })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function listenToSearch(page) {
  const [input, list] = [at("query"), at("completions")];
  let marked = -1;
  const close = () => {
    list.hidden = true;
    marked = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (to) => {
    marked = to;
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === marked)));
    if (marked >= 0) input.setAttribute("aria-activedescendant", list.children[marked].id);
  };
  const take = (token) => {
    close();
    page.choose(token);
  };
  input.addEventListener("input", () => {
    const text = input.value;
    if (!text) page.clear();
    const found = isExpression(text) ? [] : page.words.complete(text);
    list.replaceChildren(...found.map((token, i) => {
      const item = make("li", { role: "option", id: `completion${i}`, "aria-selected": "false" }, page.words.label(token));
      item.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        take(token);
      });
      return item;
    }));
    list.dataset.tokens = found.join(",");
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(found.length > 0));
    marked = -1;
  });
  input.addEventListener("keydown", (event) => {
    const tokens = list.hidden ? [] : (list.dataset.tokens ?? "").split(",").map(Number);
    if (event.key === "ArrowDown" && tokens.length) mark((marked + 1) % tokens.length);
    else if (event.key === "ArrowUp" && tokens.length) mark((marked + tokens.length - 1) % tokens.length);
    else if (event.key === "Enter") {
      if (marked >= 0) take(tokens[marked]);
      else if (input.value.trim()) {
        close();
        page.ask(input.value);
      }
    } else if (event.key === "Escape") {
      if (list.hidden) page.clear();
      else close();
    } else return;
    event.preventDefault();
  });
  input.addEventListener("blur", close);
}

function listenToMap(page) {
  const canvas = at("overlay");
  const pointers = new Map();
  let [travel, line] = [0, null];
  const spread = () => {
    const [[ax, ay], [bx, by]] = [...pointers.values()];
    return { gap: Math.hypot(bx - ax, by - ay), x: (ax + bx) / 2, y: (ay + by) / 2 };
  };
  const tokenAt = (x, y) => {
    const label = page.overlay.labels.find((one) => x >= one.left && x <= one.right && y >= one.top && y <= one.bottom);
    return label ? label.token : page.near.pick(...page.view.toPlace(x, y), 12 / page.view.scale);
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, [event.clientX, event.clientY]);
    travel = 0;
    line = (page.lassoing || event.shiftKey) && pointers.size === 1 ? [[event.clientX, event.clientY]] : null;
  });
  canvas.addEventListener("pointermove", (event) => {
    const [x, y] = [event.clientX, event.clientY];
    const before = pointers.get(event.pointerId);
    if (!before) {
      const hover = tokenAt(x, y);
      canvas.title = hover < 0 ? "" : page.words.label(hover);
      if (hover !== page.scene.hover) {
        page.scene.hover = hover;
        page.redraw();
      }
      return;
    }
    travel += Math.hypot(x - before[0], y - before[1]);
    if (line) {
      line.push([x, y]);
      page.scene.lasso = line;
      pointers.set(event.pointerId, [x, y]);
      page.redraw();
      return;
    }
    const old = pointers.size === 2 ? spread() : null;
    pointers.set(event.pointerId, [x, y]);
    if (old) {
      const now = spread();
      page.view.zoomAt(now.gap / (old.gap || 1), now.x, now.y);
      page.view.pan(now.x - old.x, now.y - old.y);
    } else page.view.pan(x - before[0], y - before[1]);
    page.moved();
  });
  canvas.addEventListener("pointerup", (event) => {
    const [x, y] = [event.clientX, event.clientY];
    pointers.delete(event.pointerId);
    if (line && line.length > 4) page.select(line);
    else if (travel < 5) {
      const token = tokenAt(x, y);
      if (token >= 0) page.choose(token, false);
    }
    line = null;
  });
  canvas.addEventListener("pointercancel", (event) => {
    pointers.delete(event.pointerId);
    line = null;
    page.scene.lasso = [];
    page.redraw();
  });
  canvas.addEventListener("pointerleave", () => {
    page.scene.hover = -1;
    page.redraw();
  });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    page.view.zoomAt(Math.pow(1.0016, -event.deltaY * (event.deltaMode ? 30 : 1)), event.clientX, event.clientY);
    page.moved();
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const step = 60;
    const moves = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    const [x, y] = page.view.middle;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in moves) page.view.pan(...moves[event.key]);
    else if (event.key === "+" || event.key === "=") page.view.zoomAt(1.3, x, y);
    else if (event.key === "-") page.view.zoomAt(1 / 1.3, x, y);
    else if (event.key === "0") page.view.fit();
    else if (event.key === "Escape") page.clear();
    else if (event.key === "Enter") {
      const token = page.near.pick(page.view.x, page.view.y, 120 / page.view.scale);
      if (token >= 0) page.choose(token, false);
    } else return;
    event.preventDefault();
    page.moved();
  });
}

function listenToTools(page) {
  at("mode").addEventListener("change", () => {
    page.setMode(at("mode").value);
    page.remember();
  });
  at("direction").addEventListener("change", () => {
    page.setMode("direction", at("direction").value);
    page.remember();
  });
  at("all").addEventListener("click", () => {
    page.view.fit();
    page.moved();
  });
  at("dark").addEventListener("click", () => {
    document.documentElement.dataset.theme = page.dark ? "light" : "dark";
    page.recolor();
    page.remember();
  });
  at("lasso").addEventListener("click", () => {
    page.lassoing = !page.lassoing;
    at("lasso").setAttribute("aria-pressed", String(page.lassoing));
    at("overlay").classList.toggle("lasso", page.lassoing);
  });
  addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key !== "/" || typing) return;
    event.preventDefault();
    at("query").focus();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => page.recolor());
  addEventListener("resize", () => page.resize());
  addEventListener("hashchange", () => page.restore());
}

function describe(page) {
  const { about } = page.map;
  const name = [about.model + (about.revision ? `@${about.revision.slice(0, 12)}` : ""), about.transform].filter(Boolean).join(" · ");
  at("title").textContent = `${name} · ${about.tokens.toLocaleString("en")} tokens`;
  const how = { tsne: "t-SNE of the exact nearest neighbors, without random numbers", pca: "first two principal components" };
  const kept = `of each token's ${about.near} nearest, ${(100 * about.share).toFixed(1)} % are among its ${about.near} nearest here`;
  const axes = `cosines with ${about.layout.replace(",", " (across) and ")} (up)`;
  at("facts").textContent = [how[about.layout] ?? axes, kept, "far-apart distances mean little", `embgeo ${about.version}`, about.request].join(" · ");
  const modes = Object.entries(MODES).filter(([mode]) => mode !== "direction" || page.matrix || page.map.color);
  at("mode").replaceChildren(...modes.map(([mode, text]) => make("option", { value: mode }, text)));
  if (page.matrix) at("query").placeholder = "Search, or ask: king - man + woman";
  at("query").setAttribute("aria-label", page.matrix ? "Search a token, or type an expression" : "Search a token");
}

async function start() {
  const read = (id) => unpack(at(id).textContent);
  const [text, numbers, rows] = await Promise.all([read("about"), read("numbers"), at("rows") ? read("rows") : null]);
  const about = JSON.parse(new TextDecoder().decode(text));
  const map = readMap(about, numbers);
  const page = new Page(map, rows && new Matrix(rows, map.n, ...about.live));
  describe(page);
  listenToSearch(page);
  listenToMap(page);
  listenToTools(page);
  page.resize();
  page.view.fit();
  page.restore();
  document.documentElement.dataset.ready = page.points.name;
}

start().catch((error) => at("facts").replaceChildren(`This map can't be shown: ${error.message}`));
