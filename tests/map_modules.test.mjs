// The page's modules by node's own runner: node --test tests/map_modules.test.mjs
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const at = (name) => new URL(`../src/embgeo/pictures/map/${name}.js`, import.meta.url);
const { parseExpression, isExpression } = await import(at("expression"));
const { joinPlanes, unpack } = await import(at("data"));
const { Lists } = await import(at("lists"));
const { Words, shown, keyOf } = await import(at("words"));
const { fromHash, toHash, View } = await import(at("view"));
const { Boxes, labelOrder } = await import(at("labels"));
const { Pace, stepOf } = await import(at("pace"));
const { fillDots, laidOn, rowsOf } = await import(at("pixels"));
const { Near, within } = await import(at("near"));
const { fromHighest, halfFloats, Matrix } = await import(at("live"));
const { rgbOf } = await import(at("colors"));
const { digits, quoted } = await import(at("panel"));
const { Logits } = await import(at("softmax"));
const { temperatureAt } = await import(at("slider"));

test("expressions are read as the command line reads them", () => {
  const read = (text) => parseExpression(text).map(({ term, weight }) => [term, weight]);
  assert.deepEqual(read("king - man + woman"), [["king", 1], ["man", -1], ["woman", 1]]);
  assert.deepEqual(read("0.5 * (paris + \"rome\")"), [["paris", 0.5], ['"rome"', 0.5]]);
  assert.deepEqual(read("- (man − new york)/2"), [["man", -0.5], ["new york", 0.5]]);
  assert.deepEqual(read("E(king) - 2 * E(man)"), [["king", 1], ["man", -2]]);
  assert.deepEqual(read("C++"), [["C++", 1]]);
  for (const bad of ["king - ", "king - (man", "king - man)", "2 * 3", "king / man", "king * man", "king / 0", "king - \"man"]) {
    assert.throws(() => parseExpression(bad), Error, bad);
  }
  assert.equal(isExpression("new york"), false);
});

test("planes of bytes join to numbers", () => {
  assert.deepEqual([...joinPlanes(Uint8Array.of(9, 1, 2), 1, 1, 2)], [1, 2]);
  assert.deepEqual([...joinPlanes(Uint8Array.of(9, 1, 2, 3, 0, 1), 1, 2, 2)], [1 + 3 * 256, 2]);
  assert.deepEqual([...joinPlanes(Uint8Array.of(1, 0, 0, 255), 0, 4, 1)], [1 + 255 * 2 ** 24]);
});

test("a block is base64 of gzip, by the browser's own reader or without it", async () => {
  const bytes = Uint8Array.from({ length: 300000 }, (_, i) => (i * i) % 251);
  const text = gzipSync(bytes).toString("base64");
  assert.deepEqual(await unpack(text), bytes);
  const own = Uint8Array.fromBase64;
  Uint8Array.fromBase64 = (given) => new Uint8Array(Buffer.from(given, "base64"));
  assert.deepEqual(await unpack(text), bytes);
  Uint8Array.fromBase64 = own;
  await assert.rejects(unpack(Buffer.from("no gzip").toString("base64")));
});

test("lists are read from planes: tokens, and cosines as steps down", () => {
  const planes = (numbers, width) => Array.from({ length: width }, (_, plane) => numbers.map((number) => (number >> (8 * plane)) & 255)).flat();
  const listed = [2, 70000, 1, 2 ** 24 - 1]; // the first of both tokens, then the second; the last is missing
  const lists = new Lists(Uint8Array.from([...planes(listed, 3), ...planes([19000, 10000, 500, 0], 2)]), 2, 2, 3);
  assert.deepEqual(lists.of(0), [{ token: 2, cosine: 0.9 }, { token: 1, cosine: 0.85 }]);
  assert.deepEqual(lists.of(1), [{ token: 70000, cosine: 0 }]);
});

test("words are found before and after they are indexed, special ones last", () => {
  const texts = [" cat", "cat", " Dog", "[X]", " [X]", " cats"];
  const about = { reading: { mark: "leading space", lowercase: false, strips_accents: false, folds: true } };
  const words = new Words({ n: 6, texts, ids: Uint32Array.of(0, 1, 5, 7, 8, 9), kinds: Uint8Array.of(0, 1, 0, 5, 5, 0), about });
  assert.equal(words.index(2), true);
  assert.deepEqual(words.complete("CA"), [0, 1, 5]);
  assert.equal(words.index(2), false);
  assert.deepEqual(["cat", '"cat"', "dog", "[X]", "id:5", "id:6", "id:10", "zebra"].map((term) => words.find(term)), [0, 1, 2, 4, 2, -1, -1, -1]);
});

test("labels go from the fullest cells of each level to the smallest, and name every token once", () => {
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const n = 3000;
  const [x, y, central] = [Uint16Array, Uint16Array, Uint8Array].map((kind, i) => kind.from({ length: n }, () => (i < 2 ? 65536 : 256) * random() ** 2));
  const order = [...labelOrder({ n, x, y, central })];
  assert.deepEqual(order.toSorted((a, b) => a - b), Array.from({ length: n }, (_, i) => i));
  const expected = [];
  const better = (a, b) => central[b] - central[a] || a - b;
  for (let depth = 0; depth < 9; depth++) {
    const cells = {};
    for (let i = 0; i < n; i++) (cells[[y[i] >> (14 - depth), x[i] >> (14 - depth)]] ??= []).push(i);
    const fresh = Object.values(cells).filter((cell) => !cell.some((i) => expected.includes(i)));
    expected.push(...fresh.sort((a, b) => b.length - a.length || a.toSorted(better)[0] - b.toSorted(better)[0]).map((cell) => cell.toSorted(better)[0]));
  }
  assert.deepEqual(order.slice(0, expected.length), expected);
  const rest = order.slice(expected.length);
  assert.deepEqual(rest, rest.toSorted(better));
});

test("less is drawn where frames are late, and all where they aren't", () => {
  const pace = new Pace();
  for (let now = 1; now < 3000; now += 60) pace.frame(now, true);
  assert.equal(pace.points, 10000);
  assert.equal(pace.labels, 0.4);
  pace.rest();
  pace.frame(10000, true);
  assert.equal(pace.points, 10000); // standing still says nothing
  for (let now = 10016; now < 12000; now += 16) pace.frame(now, true);
  assert.ok(pace.points > 262144 && pace.labels === 1);
  assert.deepEqual([stepOf(262144, 60000), stepOf(30000, 60000), stepOf(100, Infinity)], [5, 1, 1]);
});

test("colors are laid on paper", () => {
  const pixels = laidOn(Uint8Array.of(0, 100, 200, 255, 10, 20, 30, 255), [100, 100, 255], 0.25);
  assert.deepEqual([...new Uint8Array(pixels.buffer)], [75, 100, 241, 255, 78, 80, 199, 255]);
  assert.deepEqual(rgbOf("#12fF00"), [18, 255, 0]);
});

test("dots are filled where points lie, and nowhere else; large ones are round", () => {
  const pixels = new Uint32Array(24);
  const points = { xs: [0, 2, 9, 0], ys: [0, 1, 0, -9], colors: Uint32Array.of(1, 2, 3, 4), step: 1 };
  fillDots(pixels, 6, 2, points, { left: 1, top: 3, scale: 1 });
  assert.deepEqual([...pixels], [0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 0, 0, 0, 0]);
  assert.deepEqual([1, 2, 5].map(rowsOf), [[[0, 1]], [[0, 2], [0, 2]], [[1, 4], [0, 5], [0, 5], [0, 5], [1, 4]]]);
});

test("tokens are shown without anything that hides or turns", () => {
  assert.equal(shown(" a\u202eb\u0000"), "␣a\\u202eb\\x00");
  assert.equal(shown("\u{e0041}x"), "\\ue0041x");
});

test("keys mark the beginning of a word by a space", () => {
  assert.equal(keyOf("##s", "## continues"), "s");
  assert.equal(keyOf("cat", "## continues"), " cat");
  assert.equal(keyOf("cat ", "trailing space"), " cat");
  assert.equal(keyOf("Ġ", "leading space"), "Ġ");
});

test("a link holds any text", () => {
  const state = { ask: "king & queen = #1%", token: 7 };
  assert.deepEqual(fromHash(toHash(state)), { ask: "king & queen = #1%", token: "7" });
  assert.deepEqual(fromHash("#a=%E0%A4%A&b=1"), { b: "1" });
});

test("zooming keeps the place under the pointer", () => {
  const view = new View();
  Object.assign(view, { width: 800, height: 600 });
  view.fit();
  const before = view.toPlace(200, 100);
  view.zoomAt(3, 200, 100);
  view.toPlace(200, 100).forEach((value, axis) => assert.ok(Math.abs(value - before[axis]) < 1e-6));
});

test("boxes never overlap", () => {
  const boxes = new Boxes(0);
  const put = [];
  let seed = 1;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  for (let i = 0; i < 2000; i++) {
    const [x, y, w] = [random() * 900, random() * 600, 20 + random() * 90];
    if (boxes.put(x, y, x + w, y + 14)) put.push([x, y, x + w, y + 14]);
  }
  assert.ok(put.length > 100);
  for (const [i, a] of put.entries()) {
    for (const b of put.slice(i + 1)) assert.ok(a[0] >= b[2] || b[0] >= a[2] || a[1] >= b[3] || b[1] >= a[3]);
  }
});

test("a lasso holds what is inside", () => {
  const line = [[0, 0], [10, 0], [10, 10], [5, 5], [0, 10]];
  assert.equal(within(5, 2, line), true);
  assert.equal(within(5, 9, line), false);
  assert.equal(within(11, 5, line), false);
});

test("float16 numbers", () => {
  const table = halfFloats();
  assert.deepEqual([table[0x3c00], table[0xc000], table[0x0001], table[0x7bff]], [1, -2, 2 ** -24, 65504]);
  assert.ok(Number.isNaN(table[0x7e00]));
});

test("a matrix is read with its lengths, from either dtype", () => {
  const [scales, errors] = [[0.5, 0.25], [0, 0.1]].map((values) => [...new Uint8Array(Float32Array.from(values).buffer)]);
  const halves = [...new Uint8Array(Uint16Array.of(0x4200, 0xc400, 0x3c00, 0).buffer)]; // 3 -4, 1 0
  const exact = new Matrix(Uint8Array.from([...scales, ...errors, ...halves]), 2, "float16", 2);
  assert.deepEqual([[...exact.rows], [...exact.norms], exact.rounded], [[3, -4, 1, 0], [5, 1], true]);
  const small = new Matrix(Uint8Array.from([...scales, ...errors, 6, 248, 4, 0]), 2, "int8", 2);
  assert.deepEqual([[...small.rows], [...small.norms], [...small.row(0)]], [[3, -4, 1, 0], [5, 1], [3, -4]]);
});

test("values are ordered from the highest, equal ones by place, without what is no number", () => {
  const values = Float64Array.from([0.5, -0, 0, -1, NaN, 1, 0.5, -0.25, Infinity].map(Math.fround));
  assert.deepEqual([...fromHighest(values)], [5, 0, 6, 1, 2, 7, 3]);
});

test("the k-th nearest point is found as by looking at all", () => {
  const n = 400;
  const [x, y] = [3, 5].map((factor) => Uint16Array.from({ length: n }, (_, i) => (i * i * factor * 997) % 65536));
  const near = new Near({ n, x, y });
  for (const token of [0, 17, 399]) {
    const all = Array.from(x, (_, i) => (x[i] - x[token]) ** 2 + (y[i] - y[token]) ** 2).filter((_, i) => i !== token).sort((a, b) => a - b);
    for (const k of [1, 10, 399]) assert.equal(near.reach(token, k), all[k - 1]);
    assert.equal(near.reach(token, 400), Infinity);
  }
});

test("numbers and commands are written as the command line writes them", () => {
  assert.deepEqual([-0.00004, -0.1, 0.12345, 0.294550003].map(digits), ["0.0000", "-0.1000", "0.1235", "0.2945"]);
  assert.deepEqual(["king", "@a/b.npy", "", "it's", "a b", "$(x)"].map(quoted), ["king", "@a/b.npy", "''", `'it'"'"'s'`, "'a b'", "'$(x)'"]);
});

test("shares are a softmax, with rows of length zero counted", () => {
  const logits = new Logits({ dots: () => Float64Array.of(0, Math.log(3), -Infinity) }, new Float64Array(1), 4);
  const { results, entropy } = logits.at(1, 2);
  assert.deepEqual(results.map(({ token }) => token), [1, 0]);
  assert.ok(Math.abs(results[0].share - 3 / 8) < 1e-15 && Math.abs(results[1].share - 1 / 8) < 1e-15);
  assert.ok(Math.abs(entropy - ((3 / 8) * Math.log(8 / 3) + (5 / 8) * Math.log(8))) < 1e-12);
  assert.ok(logits.at(0.001, 1).results[0].share > 0.999999);
});

test("temperatures have two digits, as the command is told them", () => {
  assert.deepEqual([-40, -20, -13, 0, 7, 20].map(temperatureAt), [0.01, 0.1, 0.22, 1, 2.2, 10]);
});
