// Elements and symbols, as the page has them.

const SVG = new Set(["svg", "rect", "text", "path"]);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (id) => document.getElementById(id);

function make(tag, attributes = {}, ...children) {
  const element = SVG.has(tag) ? document.createElementNS(one("diagram").namespaceURI, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

// w with its indices below and its layer above.
function symbol(letter, indices = [], layer = 0) {
  const parts = document.createDocumentFragment();
  parts.append(make("i", {}, letter));
  if (indices.length) parts.append(make("sub", {}, joinedIndices(indices)));
  if (layer) parts.append(make("sup", {}, `(${layer})`));
  return parts;
}

// What feeds layer `layer`: x₁, or z₁ of the layer before.
const source = (layer, j) => (layer === 1 ? symbol("x", [j]) : symbol("z", [j], layer - 1));

// To the right of the middle for a positive value, to the left for a negative one.
function signedBar(value, largest) {
  const share = Number.isFinite(value) ? 50 * Math.min(1, Math.abs(value) / largest) : 0;
  return make(
    "svg",
    { viewBox: "0 0 100 1", preserveAspectRatio: "none", "aria-hidden": "true" },
    make("rect", { width: 100, height: 1 }),
    make("rect", { x: value < 0 ? 50 - share : 50, width: share, height: 1, class: value < 0 ? "negative" : "positive" }),
  );
}

const keyParts = (key) => key.split("-").map(Number);
const finite = (values) => [...values].filter(Number.isFinite);

function largestOf(lists) {
  let most = 0;
  for (const list of lists) {
    for (const value of list) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  }
  return most;
}

const COLOURS = { positive: "#0072b2", negative: "#d55e00", zero: "#8c8c8c", unknown: "#e0e0e0" };
const TEXT_COLOURS = { positive: "#0072b2", negative: "#a84300", zero: "#4d4d4d" };
const signOf = (value) => (value < 0 ? "negative" : value > 0 ? "positive" : "zero");

// The tint of a value: how strong it is, with its sign; NaN for what is not finite.
function tint(value, largest, strength) {
  if (!Number.isFinite(value)) return NaN;
  return largest ? strength * Math.max(-1, Math.min(value / largest, 1)) : 0;
}

const signOfTint = (tint) => (Number.isNaN(tint) ? "unknown" : tint < 0 ? "negative" : "positive");
const opacityOf = (tint) => (Number.isNaN(tint) ? "1" : Math.abs(tint).toFixed(3));

function paint(element, tint) {
  const fill = COLOURS[signOfTint(tint)];
  if (element.getAttribute("fill") !== fill) element.setAttribute("fill", fill);
  element.setAttribute("fill-opacity", opacityOf(tint));
}

// Writes a text of a picture, cut with … where it is wider than the room that it has.
function writeText(text, full = text.full ?? text.textContent) {
  text.full = full;
  text.textContent = full;
  for (let n = full.length - 1; n > 0 && text.room && text.getComputedTextLength() > text.room; n--) text.textContent = `${full.slice(0, n)}…`;
}

// Keeps `items` in step with their values: returns a function that writes those that have changed.
function following(items, valueOf, write) {
  const before = items.map(valueOf);
  return () => {
    items.forEach((item, n) => {
      const value = valueOf(item);
      if (Object.is(value, before[n])) return;
      before[n] = value;
      write(item, value);
    });
  };
}
