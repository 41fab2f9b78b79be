// The page's modules by node's own runner: node --test tests/map_modules.test.mjs
import assert from "node:assert/strict";
import { test } from "node:test";

const at = (name) => new URL(`../src/embgeo/pictures/map/${name}.js`, import.meta.url);
const { parseExpression, isExpression } = await import(at("expression"));
const { joinPlanes } = await import(at("data"));
const { shown, keyOf } = await import(at("words"));
const { fromHash, toHash, View } = await import(at("view"));
const { Boxes } = await import(at("labels"));
const { within } = await import(at("near"));
const { halfFloats } = await import(at("live"));
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
  assert.deepEqual([...joinPlanes(Uint8Array.of(9, 1, 2, 3, 0, 1), 1, 2, 2)], [1 + 3 * 256, 2]);
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
  const state = { ask: "king & queen = #1 %", token: 7 };
  assert.deepEqual(fromHash(toHash(state)), { ask: "king & queen = #1 %", token: "7" });
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
