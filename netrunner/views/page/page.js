// Shows a run, and follows what is changed: an input, a weight, a bias.

let chosenInput = null; // where it is not the one that the page came with
let networkKey = ""; // by which netrunner knows the network that is shown, where it serves the page

// Begins with the page that is there; what it returns ends it, before another page takes its place.
function start() {
  const ended = new AbortController();
  const { signal } = ended;
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (id) => document.getElementById(id);
  const data = JSON.parse(one("data").textContent);
  const model = new Model(data);
  const diagram = one("diagram");
  const dock = one("dock");
  const sum = one("sum");
  const depth = model.layers.length;
  const keyParts = (key) => key.split("-").map(Number);
  const states = data.states.map((state) => ({ ...state, x: state.x.map(Number) }));

  // What is shown: the input, the run that it gives, and whether all is as it was loaded.
  let x = data.x.map(Number);
  let run = model.live ? model.forward(x) : ready(states[data.at]);
  const canChange = data.door !== "states";
  let changed = false;
  const loaded = { x: [...x], weights: model.layers.map(({ W, B }) => ({ W: W.slice(), B: B.slice() })) };

  // The run of a state that netrunner has computed.
  function ready(state) {
    const arrays = (lists) => lists.map((list) => Float64Array.from(list.map(Number)));
    return { A: [null, ...arrays(state.A)], Z: [Float64Array.from(state.x), ...arrays(state.Z)] };
  }

  // Elements and symbols

  function make(tag, attributes = {}, ...children) {
    const svg = ["svg", "rect", "text", "line"].includes(tag);
    const element = svg ? document.createElementNS(diagram.namespaceURI, tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children.filter((child) => child !== null));
    return element;
  }

  function symbol(letter, indices = [], layer = 0) {
    const parts = document.createDocumentFragment();
    parts.append(make("i", {}, letter));
    if (indices.length) parts.append(make("sub", {}, joinedIndices(indices)));
    if (layer) parts.append(make("sup", {}, `(${layer})`));
    return parts;
  }

  // The neuron that feeds layer `layer`: x₁, or z₁ of the layer before.
  const source = (layer, j) => (layer === 1 ? symbol("x", [j]) : symbol("z", [j], layer - 1));

  function outputName(k) {
    return data.outputs ? make("b", {}, data.outputs[k - 1]) : symbol("y", [k]);
  }

  // What follows a change

  const numbers = all("[data-v]").map((element) => [element, ...element.dataset.v.split("-")]);
  const places = all("[data-neuron][data-z]").map((element) => [element, ...keyParts(element.dataset.neuron)]);
  const nodes = all(".neuron, .input", diagram).map((group) => ({
    key: keyParts(group.dataset.neuron),
    circle: all(":scope > circle", group).at(-1),
    a: group.querySelector("text.a"),
    z: group.querySelector("text.z"),
    share: diagram.querySelector(`.output[data-neuron="${group.dataset.neuron}"] text.share`),
    title: group.querySelector("title"),
  }));
  const strips = all("[data-strip]").map((svg) => ({
    key: svg.dataset.strip.split("-"),
    cells: all("rect", svg),
    range: svg.parentNode.querySelector("[data-range]"),
  }));
  const drawnStrips = all(".strip", diagram).map((group) => ({
    layer: Number(group.id.split("-")[1]),
    cells: all(".cells rect", group),
  }));
  const curves = all("svg.curve").map((svg) => ({
    layer: Number(svg.dataset.layer),
    limits: svg.dataset.limits.split(" ").map(Number),
    dots: all(".dot", svg),
  }));
  const shares = all("[data-share]").map((cell) => [cell, ...keyParts(cell.dataset.share)]);
  const bars = all("[data-bar]").map((bar) => [bar, ...keyParts(bar.dataset.bar)]);

  function update() {
    for (const [element, letter, layer, k] of numbers) {
      element.textContent = shown((letter === "a" ? run.A : run.Z)[layer][k - 1]);
    }
    for (const [element, layer, k] of places) {
      if (layer) element.dataset.a = exact(run.A[layer][k - 1]);
      element.dataset.z = exact(run.Z[layer][k - 1]);
    }
    updateDiagram();
    updateStrips();
    updateShares();
    for (const curve of curves) updateCurve(curve);
    updateWarning();
    updateAnswer();
    updateRows();
    updateSums();
    if (chosen) show(chosen, null);
  }

  const finite = (values) => [...values].filter(Number.isFinite);
  const largestOf = (lists) => lists.flatMap(finite).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

  function tint(element, value, largest, strength) {
    const share = largest ? Math.min(Math.abs(value) / largest, 1) : 0;
    const known = Number.isFinite(value);
    element.setAttribute("fill", known ? (value < 0 ? "#d55e00" : "#0072b2") : "#e0e0e0");
    element.setAttribute("fill-opacity", known ? (strength * share).toFixed(3) : "1");
  }

  function updateDiagram() {
    const largest = [largestOf([run.Z[0]]), largestOf(run.Z.slice(1))];
    const percents = isClassifier(depth) ? percentages(run.Z[depth]) : null;
    const best = percents ? winner([...run.Z[depth]]) : -1;
    for (const { key, circle, a, z, share, title } of nodes) {
      const [layer, k] = key;
      const Z = run.Z[layer][k - 1];
      tint(circle, Z, largest[Number(layer > 0)], 0.32);
      if (a) a.textContent = fitting(run.A[layer][k - 1], Number(a.dataset.room));
      if (z) z.textContent = fitting(Z, Number(z.dataset.room));
      if (layer === depth) circle.setAttribute("stroke-width", k - 1 === best ? "2.6" : "1");
      if (share) {
        const text = percents[k - 1];
        share.textContent = symbolText("y", [k]) + (/[<>]/.test(text) ? ` ${text}` : ` = ${text}`);
      }
      if (title) {
        const letters = layer ? `${symbolText("a", [k], layer)} = ${exact(run.A[layer][k - 1])}, ${symbolText("z", [k], layer)}` : symbolText("x", [k]);
        title.textContent = `${letters} = ${exact(Z)}`;
      }
    }
    for (const { layer, cells } of drawnStrips) {
      const most = largestOf([run.Z[layer]]);
      cells.forEach((cell, k) => tint(cell, run.Z[layer][k], most, 0.85));
    }
  }

  function updateStrips() {
    for (const { key, cells, range } of strips) {
      const values = (key[0] === "a" ? run.A : run.Z)[key[1]];
      const most = largestOf([values]);
      cells.forEach((cell, k) => {
        const value = values[k];
        const known = Number.isFinite(value);
        cell.classList.remove("positive", "negative", "unknown");
        cell.classList.add(known ? (value < 0 ? "negative" : "positive") : "unknown");
        cell.setAttribute("fill-opacity", known && most ? (Math.abs(value) / most).toFixed(3) : known ? "0" : "1");
      });
      const some = finite(values);
      range.textContent = some.length ? `${brief(Math.min(...some), 4)} … ${brief(Math.max(...some), 4)}` : "not finite";
    }
  }

  // Whether the outputs of a layer are shares.
  function isClassifier(layer) {
    return data.layers[layer - 1].shares;
  }

  function updateShares() {
    const percents = new Map();
    for (const [cell, layer, k] of shares) {
      if (!percents.has(layer)) percents.set(layer, [percentages(run.Z[layer]), winner([...run.Z[layer]])]);
      const [texts, best] = percents.get(layer);
      cell.textContent = texts[k - 1];
      cell.classList.toggle("largest", k - 1 === best);
    }
    for (const [bar, layer, k] of bars) {
      const share = run.Z[layer][k - 1];
      bar.setAttribute("width", Number.isFinite(share) ? (100 * share).toFixed(2) : "0");
    }
  }

  // Pixels of a curve, as curve.py has them.
  const FRAME = { width: 320, height: 230, left: 44, right: 12, top: 10, bottom: 32 };

  function updateCurve({ layer, limits, dots }) {
    const [left, right, low, high] = limits;
    const part = (value, from, to) => Math.min(Math.max((value - from) / (to - from), 0), 1);
    dots.forEach((dot, k) => {
      const a = run.A[layer][k];
      const z = run.Z[layer][k];
      dot.setAttribute("visibility", Number.isFinite(a) && Number.isFinite(z) ? "visible" : "hidden");
      if (!Number.isFinite(a) || !Number.isFinite(z)) return;
      const { width, height, top, bottom } = FRAME;
      dot.setAttribute("cx", (FRAME.left + part(a, left, right) * (width - FRAME.left - FRAME.right)).toFixed(2));
      dot.setAttribute("cy", (height - bottom - part(z, low, high) * (height - top - bottom)).toFixed(2));
      dot.classList.toggle("outside", a < left || a > right || z < low || z > high);
    });
  }

  function updateWarning() {
    const text = firstNotFinite();
    one("warning").hidden = !text;
    one("warning").querySelector("span").textContent = text;
  }

  function firstNotFinite() {
    for (let layer = 1; layer <= depth; layer++) {
      for (const [letter, values] of [["a", run.A[layer]], ["z", run.Z[layer]]]) {
        const k = values.findIndex((value) => !Number.isFinite(value));
        if (k >= 0) return `Layer ${layer}, neuron ${k + 1}: ${letter} is ${notFinite(values[k])}.`;
      }
    }
    return "";
  }

  // The answer

  function updateAnswer() {
    one("says").replaceChildren(...(isClassifier(depth) ? sayShares() : sayOutputs()));
    const steps = walk();
    one("because").replaceChildren(...steps.map(([layer, k]) => step(layer, k)));
  }

  function sayShares() {
    const Y = [...run.Z[depth]];
    const best = winner(Y);
    if (best < 0) return ["no class: a share is not a number"];
    const percents = percentages(Y);
    const order = Y.map((share, k) => k).filter((k) => k !== best).sort((one, other) => Y[other] - Y[one] || one - other);
    const parts = [outputName(best + 1), `, ${percents[best]}`];
    order.slice(0, 2).forEach((k, place) => parts.push(place ? " · " : "; then ", outputName(k + 1), ` ${percents[k]}`));
    return parts;
  }

  function sayOutputs() {
    const Y = [...run.Z[depth]];
    const parts = [];
    Y.slice(0, 8).forEach((y, k) => parts.push(parts.length ? "; " : "", outputName(k + 1), ` = ${shown(y)}`));
    return Y.length > 8 ? [...parts, `; and ${Y.length - 8} more`] : parts;
  }

  // From the largest output back along the largest terms, as `why` does.
  function walk() {
    const Y = [...run.Z[depth]].map((y) => (Number.isNaN(y) ? -Infinity : y));
    const steps = [[depth, Y.indexOf(Math.max(...Y)) + 1]];
    for (let layer = depth; layer > 1 && steps.length < 6; layer--) {
      const [first] = model.terms(run, layer, steps.at(-1)[1]);
      if (first.value === 0) break;
      steps.push([layer - 1, first.from]);
    }
    return steps;
  }

  function step(layer, k) {
    const named = layer === depth && data.outputs;
    const who = named ? make("b", {}, data.outputs[k - 1]) : symbol("a", [k], layer);
    const link = make("a", { href: `#explain-${layer}-${k}`, "data-neuron": `${layer}-${k}` }, who);
    const [a, z] = [run.A[layer][k - 1], run.Z[layer][k - 1]];
    return make("li", {}, make("p", {}, link, `: a = ${brief(a)}, z = ${brief(z)}, from`), termsTable(layer, k));
  }

  // The largest terms as signed bars, the others together, and the bias.
  function termsTable(layer, k) {
    const terms = model.terms(run, layer, k);
    const others = terms.slice(5);
    const bias = model.bias(layer, k);
    const rest = others.reduce((total, { value }) => total + value, 0);
    const most = Math.max(...terms.slice(0, 5).map(({ value }) => Math.abs(value)), Math.abs(rest), Math.abs(bias)) || 1;
    const row = (what, product, value, edge) =>
      make(
        "tr",
        edge ? { "data-edge": edge } : {},
        make("th", { scope: "row" }, ...what),
        make("td", { class: "number" }, product),
        make("td", { class: "number" }, brief(value)),
        make("td", { class: "bar" }, bar(value, most)),
      );
    const rows = terms.slice(0, 5).map(({ from, w, x, value }) => {
      const name = layer === 1 ? (data.inputs.names?.[from - 1] ?? `x${from}`) : "";
      const named = name && name !== `x${from}` ? make("span", { class: "name" }, ` ${name}`) : "";
      const what = [symbol("w", [k, from], layer), "·", source(layer, from), named];
      return row(what, `${factor(brief(w))}·${factor(brief(x))}`, value, `${layer}-${k}-${from}`);
    });
    if (others.length) rows.push(row([`${others.length} more term${others.length > 1 ? "s" : ""}`], "", rest));
    rows.push(row([symbol("b", [k], layer)], "", bias, `${layer}-${k}`));
    return make("table", { class: "terms" }, make("tbody", {}, ...rows));
  }

  function bar(value, most) {
    const share = Number.isFinite(value) ? 50 * Math.min(1, Math.abs(value) / most) : 0;
    return make(
      "svg",
      { viewBox: "0 0 100 1", preserveAspectRatio: "none", "aria-hidden": "true" },
      make("rect", { width: 100, height: 1 }),
      make("rect", { x: value < 0 ? 50 - share : 50, width: share, height: 1, class: value < 0 ? "negative" : "positive" }),
    );
  }

  function updateRows() {
    for (const row of all("#rows [data-row]")) {
      const state = states[row.dataset.row - 1];
      if (model.live && state) {
        const Y = model.forward(state.x).Z.at(-1);
        all("td", row).forEach((cell, k) => (cell.textContent = shown(Y[k])));
      }
      const isShown = state !== undefined && state.x.every((value, j) => value === x[j]);
      row.classList.toggle("shown", isShown);
    }
  }

  // Sums

  function updateSums() {
    for (const block of all(".sums .sum")) {
      const folded = block.closest("details:not([open])");
      block.classList.toggle("stale", Boolean(folded));
      if (!folded) writeSum(block);
    }
  }

  function writeSum(block) {
    const [, layer, who] = block.id.split("-");
    const lines = who === "shared" ? sharedLines(Number(layer)) : neuronLines(Number(layer), Number(who));
    block.querySelector(".lines").replaceChildren(...lines);
    block.classList.remove("stale");
  }

  // Whether the activation of a layer is worked out as softmax is.
  const isSoftmax = (layer) => data.layers[layer - 1].softmax;

  // left = step = step, each step in one piece.
  function line(left, ...steps) {
    const spans = steps.map((parts, place) => make("span", {}, ...(place ? ["= "] : [left, " = "]), ...parts));
    return make("p", { class: "line" }, ...spans.flatMap((span) => [span, " "]));
  }

  function neuronLines(layer, k) {
    const lines = [sumLine(layer, k)];
    const [a, z] = [run.A[layer][k - 1], run.Z[layer][k - 1]];
    const left = symbol("z", [k], layer);
    if (isSoftmax(layer) && run.A[layer].every(Number.isFinite)) {
      const { c, e, s } = softmaxParts(layer);
      const minus = `exp(${factor(shown(a))} - ${factor(shown(c))})`;
      lines.push(line(symbol("e", [k], layer), ["exp(", symbol("a", [k], layer), " - ", symbol("c", [], layer), ")"], [minus], [shown(e[k - 1])]));
      lines.push(line(left, [symbol("e", [k], layer), "/", symbol("s", [], layer)], [`${shown(e[k - 1])}/${shown(s)}`], [shown(z)]));
    } else {
      const h = model.layers[layer - 1].activation;
      lines.push(line(left, [`${h}(`, symbol("a", [k], layer), ")"], [worked(layer, shown(a))], [shown(z)]));
    }
    return lines;
  }

  // The formula of an activation with its number put in.
  function worked(layer, a) {
    const template = data.layers[layer - 1].worked;
    return template ? template.replaceAll("{a}", factor(a)) : `${model.layers[layer - 1].activation}(${a})`;
  }

  function softmaxParts(layer) {
    const A = [...run.A[layer]];
    const c = Math.max(...A);
    const e = A.map((a) => Math.exp(a - c));
    return { c, e, s: e.reduce((total, each) => total + each, 0) };
  }

  function sharedLines(layer) {
    const A = [...run.A[layer]];
    if (!A.every(Number.isFinite)) return [];
    const { c, e, s } = softmaxParts(layer);
    const symbols = listed(A.map((a, k) => () => symbol("a", [k + 1], layer)));
    const largest = line(symbol("c", [], layer), ["max(", ...symbols, ")"], [shown(c)]);
    const total = addition(e.map((value, k) => ({ factors: [value], symbols: () => [symbol("e", [k + 1], layer)] })), s, 0);
    return [largest, ...overflow(layer, A), line(symbol("s", [], layer), total.symbols, total.numbers, [shown(s)])];
  }

  // What the naive form would give, where that is wrong.
  function overflow(layer, A) {
    const naive = A.map(Math.exp);
    const s = naive.reduce((total, each) => total + each, 0);
    if (Number.isFinite(s) && s > 0) return [];
    const k = naive.indexOf(Infinity);
    const what = k >= 0 ? `exp(${shown(A[k])}) at neuron ${k + 1} would overflow to inf` : s > 0 ? "the sum of the exponentials would overflow to inf" : "all the exponentials would vanish to 0";
    const texts = listed(naive.map((each) => () => shown(each / s)), " ");
    return [make("p", { class: "note" }, "without taking ", symbol("c", [], layer), ` away, ${what}, and the shares would be [`, ...texts, "]")];
  }

  // Parts with a comma between; of many, the ends.
  function listed(makers, between = ", ") {
    const skipped = makers.length > 10 ? makers.length - 4 : 0;
    const kept = skipped ? [...makers.slice(0, 2), () => `⋯ ${skipped} more ⋯`, ...makers.slice(-2)] : makers;
    return kept.flatMap((part, place) => (place ? [between, part()] : [part()]));
  }

  function sumLine(layer, k) {
    const X = [...run.Z[layer - 1]];
    const terms = X.map((value, j) => ({
      factors: [model.weight(layer, k, j + 1), value],
      symbols: () => [symbol("w", [k, j + 1], layer), "·", source(layer, j + 1)],
    }));
    terms.push({ factors: [model.bias(layer, k)], symbols: () => [symbol("b", [k], layer)] });
    const a = run.A[layer][k - 1];
    const { symbols, numbers } = addition(terms, a, 1);
    return line(symbol("a", [k], layer), symbols, numbers, [shown(a)]);
  }

  // A sum in symbols and in numbers, with as many digits as make it true as it is printed.
  function addition(terms, result, last) {
    const product = (factors) => factors.reduce((all, each) => all * each, 1);
    const skipped = terms.length - last > 10 ? terms.slice(2, terms.length - last - 2) : [];
    const kept = terms.filter((term) => !skipped.includes(term));
    const together = skipped.reduce((total, { factors }) => total + product(factors), 0);
    const between = (parts) => parts.flatMap((part, place) => (place ? [" + ", ...part] : part));
    const symbols = kept.map((term) => term.symbols());
    if (skipped.length) symbols.splice(2, 0, [`⋯ ${skipped.length} more terms ⋯`]);
    let numbers;
    for (let digits = 8; digits <= 17; digits++) {
      const texts = kept.map(({ factors }) => factors.map((each) => shown(each, digits)));
      const rest = shown(together, digits);
      const given = texts.reduce((total, each) => total + product(each.map(Number)), skipped.length ? Number(rest) : 0);
      numbers = texts.map((each) => [each.map(factor).join("·")]);
      if (skipped.length) numbers.splice(2, 0, [`⋯ ${skipped.length} more terms, together ${rest} ⋯`]);
      if (!Number.isFinite(result) || shown(given) === shown(result)) break;
    }
    return { symbols: between(symbols), numbers: between(numbers) };
  }

  document.addEventListener("toggle", (event) => {
    if (event.target.open) for (const block of all(".stale", event.target)) writeSum(block);
  }, { capture: true, signal });

  // Changes

  const fields = {
    input: all("[data-input]"),
    weight: all("[data-weight]"),
    bias: all("[data-bias]"),
    slider: all("[data-slider]"),
  };

  // A number as Python and people write it; NaN for what is not one.
  function read(text) {
    return /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(text) ? Number(text) : NaN;
  }

  function setInput(j, value) {
    x = [...x];
    x[j - 1] = value;
    chosenInput = x;
  }

  // Computes everything anew; the field that is typed into keeps its text.
  function compute(field = null) {
    changed = true;
    fill(field);
    const follow = () => {
      update();
      remember();
    };
    if (model.live) {
      run = model.forward(x);
      return follow();
    }
    // Only the answer to the last change counts.
    const mine = ++asked;
    return ask("run", { key: networkKey, x, layers: model.layers.map(({ W, B }) => ({ W: base64(W), B: base64(B) })) }).then((answer) => {
      if (mine !== asked || signal.aborted || !answer.Z) return;
      run = ready({ x, ...answer });
      follow();
    });
  }
  let asked = 0;

  function fill(except = null) {
    const write = (field, value) => {
      if (field === except) return;
      field.value = field.type === "range" ? value : exact(value).replace(/\.0$/, "");
      field.removeAttribute("aria-invalid");
    };
    for (const field of fields.input) write(field, x[field.dataset.input - 1]);
    for (const field of fields.slider) write(field, x[field.dataset.slider - 1]);
    for (const field of fields.weight) write(field, model.weight(...keyParts(field.dataset.weight)));
    for (const field of fields.bias) write(field, model.bias(...keyParts(field.dataset.bias)));
    const place = states.findIndex((state) => state.x.every((value, j) => value === x[j]));
    one("states").selectedIndex = place;
  }

  document.addEventListener("input", (event) => {
    const field = event.target;
    const { input, weight, bias, slider } = field.dataset;
    if (!input && !weight && !bias && !slider) return;
    const value = read(field.value);
    if (!Number.isFinite(value)) return field.setAttribute("aria-invalid", "true");
    field.removeAttribute("aria-invalid");
    if (weight) model.setWeight(...keyParts(weight), value);
    else if (bias) model.setBias(...keyParts(bias), value);
    else setInput(Number(input ?? slider), value);
    if (weight || bias) redraw(weight ?? bias, value);
    compute(field);
  }, { signal });

  // A weight or bias in the diagram and in the tables.
  function redraw(key, value) {
    const [layer, to, from] = keyParts(key);
    const sign = value < 0 ? "negative" : value > 0 ? "positive" : "zero";
    for (const cell of all(`td[data-edge="${key}"]`)) {
      cell.classList.remove("negative", "positive", "zero");
      cell.classList.add(sign);
    }
    const edges = from ? all(`[id^="edge-${layer}-"]`, diagram) : [];
    for (const edge of new Set([one((from ? "edge-" : "bias-") + key), ...edges, ...all(`[id^="bias-${layer}-"]`, diagram)])) {
      if (edge) drawEdge(edge);
    }
  }

  function drawEdge(edge) {
    const [kind, layer, to, from] = edge.id.split("-").map((part, place) => (place ? Number(part) : part));
    const value = kind === "edge" ? model.weight(layer, to, from) : model.bias(layer, to);
    const { W, B } = model.layers[layer - 1];
    const share = Math.abs(value) / (largestOf([W, B]) || 1);
    const color = value < 0 ? "#d55e00" : value > 0 ? "#0072b2" : "#8c8c8c";
    const path = edge.querySelector("path");
    const arrow = edge.querySelector("polygon");
    const width = arrow ? 0.7 + 2.3 * share : 0.3 + 1.3 * share;
    const unit = Math.max(width, 1);
    path.setAttribute("stroke", color);
    path.setAttribute("stroke-width", width.toFixed(2));
    path.setAttribute("stroke-dasharray", value < 0 ? `${4 * unit} ${1.8 * unit}` : value ? "none" : `${unit} ${2.5 * unit}`);
    arrow?.setAttribute("fill", color);
    const name = kind === "edge" ? symbolText("w", [to, from], layer) : symbolText("b", [to], layer);
    const text = edge.querySelector("text:not(.spare)");
    if (text) {
      text.textContent = text.textContent.includes("=") ? `${name} = ${brief(value)}` : brief(value);
      text.setAttribute("fill", value < 0 ? "#a84300" : value ? "#0072b2" : "#4d4d4d");
    }
    const title = edge.querySelector("title");
    if (title) title.textContent = `${name} = ${exact(value)}`;
  }

  function choose(state) {
    chosenInput = x = [...state.x];
    changed = true;
    if (canChange) return compute();
    run = ready(state);
    fill();
    update();
    remember();
  }

  function reset() {
    model.layers.forEach((layer, i) => {
      layer.W.set(loaded.weights[i].W);
      layer.B.set(loaded.weights[i].B);
    });
    for (const edge of all('[id^="edge-"], [id^="bias-"]:not([id^="bias-node-"])', diagram)) drawEdge(edge);
    chosenInput = null;
    if (canChange) {
      x = [...loaded.x];
      compute();
    } else {
      choose(states[data.at]);
    }
    document.dispatchEvent(new Event("look-again"));
  }

  one("states").addEventListener("change", (event) => choose(states[event.target.selectedIndex]));
  one("reset").addEventListener("click", reset);

  // The address keeps what was set: #set:x=1,0.5;w1-2-1=0.3;b1-2=0.1

  let writing = 0;
  function remember() {
    if (location.protocol === "about:") return; // in a notebook, the page has no address
    clearTimeout(writing);
    writing = setTimeout(() => {
      const parts = [];
      if (x.some((value, j) => value !== loaded.x[j])) parts.push(`x=${x.map((value) => exact(value).replace(/\.0$/, "")).join(",")}`);
      if (fields.weight.length) {
        for (const field of fields.weight) {
          const [layer, to, from] = keyParts(field.dataset.weight);
          const value = model.weight(layer, to, from);
          if (value !== loaded.weights[layer - 1].W[(from - 1) * model.size(layer) + to - 1]) parts.push(`w${field.dataset.weight}=${exact(value)}`);
        }
        for (const field of fields.bias) {
          const [layer, to] = keyParts(field.dataset.bias);
          const value = model.bias(layer, to);
          if (value !== loaded.weights[layer - 1].B[to - 1]) parts.push(`b${field.dataset.bias}=${exact(value)}`);
        }
      }
      history.replaceState(null, "", parts.length ? `#set:${parts.join(";")}` : location.pathname + location.search);
    }, 200);
  }

  function recall() {
    if (!location.hash.startsWith("#set:")) return;
    for (const part of decodeURIComponent(location.hash.slice(5)).split(";")) {
      const [name, text = ""] = part.split("=");
      const values = text.split(",").map(read);
      const key = keyParts(name.slice(1));
      const [layer, to, from] = key;
      const isThere = layer >= 1 && layer <= depth && to >= 1 && to <= model.size(layer);
      if (!values.every(Number.isFinite)) continue;
      if (name === "x" && values.length === x.length) x = values;
      if (canChange && name[0] === "w" && isThere && from >= 1 && from <= model.size(layer - 1)) model.setWeight(...key, values[0]);
      if (canChange && name[0] === "b" && isThere) model.setBias(...key, values[0]);
    }
    for (const edge of all('[id^="edge-"], [id^="bias-"]:not([id^="bias-node-"])', diagram)) drawEdge(edge);
    if (canChange) return compute();
    const state = states.find((each) => each.x.every((value, j) => value === x[j]));
    if (state) choose(state);
  }

  // Drawing on a picture of the inputs

  const picture = document.querySelector('[data-strip="x-0"]');
  let painting = false;
  function paint(event) {
    const cell = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-strip='x-0'] rect");
    if (!cell) return;
    const [, j] = keyParts(cell.dataset.neuron);
    const most = Math.max(1, ...states.map((state) => state.x.reduce((all, each) => Math.max(all, each), 0)));
    const value = one("erase")?.checked ? 0 : most;
    if (x[j - 1] === value) return;
    setInput(j, value);
    compute();
  }
  if (picture && canChange && one("erase")) {
    picture.classList.add("paintable");
    picture.addEventListener("pointerdown", (event) => {
      painting = true;
      picture.setPointerCapture(event.pointerId);
      event.preventDefault();
      paint(event);
    });
    picture.addEventListener("pointermove", (event) => painting && paint(event));
    for (const end of ["pointerup", "pointercancel"]) picture.addEventListener(end, () => (painting = false));
  }

  // The sum of the neuron that is pointed at

  let chosen = null; // the key of a neuron: "1-2" is neuron 2 of layer 1
  let pinned = false;
  let visited = null; // the link that had the focus last
  let pressed = null; // what the button or finger went down on
  let trail = []; // the neurons that Previous came from

  // Shows a neuron, or with null no neuron; `place` is what stands for it.
  function show(key, place) {
    for (const part of all(".on, .source")) part.classList.remove("on", "source");
    for (const label of all(".spare", diagram)) label.remove();
    const again = key === chosen;
    chosen = key;
    diagram.classList.toggle("lit", key !== null);
    dock.classList.toggle("open", key !== null);
    one("dock-head").hidden = key === null;
    if (key === null) {
      pinned = false;
      trail = [];
      sum.replaceChildren();
      return;
    }
    light(key);
    write(key);
    if (!again) dock.scrollTop = 0;
    if (place) uncover(place);
  }

  function write(key) {
    const [layer, k] = keyParts(key);
    const block = one(`explain-${key}`);
    const lines = changed ? neuronLines(layer, k) : all(".lines > *", block).map((each) => each.cloneNode(true));
    const shared = isSoftmax(layer) ? (changed ? sharedLines(layer) : all(`#explain-${layer}-shared .lines > *`).map((each) => each.cloneNode(true))) : [];
    const who = block.querySelector(".who").cloneNode(true);
    const beside = make("div", { class: "beside" }, termsTable(layer, k), layer === 1 ? weightPicture(k) : null);
    sum.replaceChildren(who, beside, ...shared, ...lines);
    one("previous").disabled = layer === 1;
    one("next").disabled = layer === depth && !trail.length;
  }

  // The weights of a neuron of layer 1 as a picture, where the inputs are one.
  function weightPicture(k) {
    const side = Math.sqrt(model.inputs);
    if (!Number.isInteger(side) || side < 4) return null;
    const most = largestOf([Float64Array.from({ length: model.inputs }, (_, j) => model.weight(1, k, j + 1))]);
    const cells = Array.from({ length: model.inputs }, (_, j) => {
      const w = model.weight(1, k, j + 1);
      const rect = make("rect", { x: j % side, y: Math.floor(j / side), width: 1, height: 1 });
      tint(rect, w, most, 1);
      return rect;
    });
    const svg = make("svg", { viewBox: `0 0 ${side} ${side}`, width: 112, height: 112, role: "img", "aria-label": "The weights of this neuron as a picture" }, ...cells);
    return make("figure", { class: "weights" }, svg, make("figcaption", {}, "its weights"));
  }

  // Puts the dock at the other end of the window where it would cover the neuron.
  function uncover(place) {
    const box = place.getBoundingClientRect();
    const height = dock.offsetHeight;
    const above = dock.classList.contains("above");
    if (above ? box.top < height : box.bottom > innerHeight - height) dock.classList.toggle("above");
  }

  function light(key) {
    const [layer] = keyParts(key);
    for (const part of all(`[data-neuron="${key}"]`)) part.classList.add("on");
    for (const part of all(`[data-neuron^="${layer - 1}-"]`)) part.classList.add("source");
    for (const part of all(`td[data-edge^="${key}-"], td[data-edge="${key}"]`)) part.classList.add("on");
    const edges = all(`[id^="edge-${key}-"], #bias-${key}, #bias-node-${layer}`, diagram);
    for (const edge of edges) {
      edge.classList.add("on");
      if (edge.id !== `bias-node-${layer}` && !edge.querySelector("text")) edge.append(spareLabel(edge));
    }
  }

  // A label for an edge that has none, near the neuron that it comes from.
  function spareLabel(edge) {
    const [x1, y1, x2, y2] = edge.querySelector("path").getAttribute("d").match(/[-\d.]+/g).map(Number);
    const [kind, layer, to, from] = edge.id.split("-").map((part, place) => (place ? Number(part) : part));
    const value = kind === "edge" ? model.weight(layer, to, from) : model.bias(layer, to);
    const fill = value < 0 ? "#a84300" : value ? "#0072b2" : "#4d4d4d";
    const place = { x: x1 + 0.3 * (x2 - x1), y: y1 + 0.3 * (y2 - y1) + 3 };
    return make("text", { ...place, class: "spare", "font-size": 9, fill }, brief(value, 4));
  }

  const neuronAt = (element) => element.closest("[data-neuron]:not([data-neuron^='0-'])");
  // Each of these is one stop of the Tab key; the arrow keys go on from there.
  const groups = [diagram, ...all(".tables, .product")].map((group) => all("a.neuron", group));

  function beside(link, name) {
    const group = groups.find((links) => links.includes(link));
    const here = group.indexOf(link);
    if (name === "ArrowDown") return group[here + 1];
    if (name === "ArrowUp") return group[here - 1];
    if (name === "Home") return group[0];
    if (name === "End") return group.at(-1);
    const way = { ArrowRight: 1, ArrowLeft: -1 }[name];
    if (!way) return undefined;
    const [layer, neuron] = keyParts(link.dataset.neuron);
    const others = group.filter((each) => each.dataset.neuron.startsWith(`${layer + way}-`));
    return others.find((each) => each.dataset.neuron.endsWith(`-${neuron}`)) ?? others.at(-1) ?? (group === groups[0] ? undefined : group[here + way]);
  }

  function makeStop(link) {
    for (const each of groups.find((links) => links.includes(link))) each.tabIndex = -1;
    link.tabIndex = 0;
  }

  for (const links of groups) {
    for (const link of links) link.setAttribute("role", "button");
    if (links.length) makeStop(links[0]);
  }

  document.addEventListener("pointerover", (event) => {
    const edge = event.target.closest("tr[data-edge]");
    for (const part of all(".pointed", diagram)) part.classList.remove("pointed");
    if (edge) one((edge.dataset.edge.split("-").length === 3 ? "edge-" : "bias-") + edge.dataset.edge)?.classList.add("pointed");
    const neuron = event.pointerType === "touch" || pinned ? null : neuronAt(event.target);
    if (neuron && neuron.dataset.neuron !== chosen) show(neuron.dataset.neuron, neuron);
  }, { signal });
  document.addEventListener("focusin", (event) => {
    if (dock.contains(event.target)) return;
    const link = event.target.closest("a.neuron");
    if (!link) return event.target.matches("input, select, button") ? undefined : show(null);
    visited = link;
    if (groups.some((links) => links.includes(link))) makeStop(link);
    show(link.dataset.neuron, link);
  }, { signal });
  // The dock may come up under the finger, and the click then ends on it.
  document.addEventListener("pointerdown", (event) => (pressed = neuronAt(event.target)), { signal });
  document.addEventListener("click", (event) => {
    const neuron = neuronAt(event.target) ?? pressed;
    pressed = null;
    if (event.target.closest("input, select, button, summary, label")) return;
    if (neuron) {
      event.preventDefault(); // the link to the sum, which is here now
      trail = [];
      show(neuron.dataset.neuron, neuron);
      pinned = true;
    } else if (!dock.contains(event.target)) {
      show(null);
    }
  }, { signal });
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape") return end();
    const link = event.target.closest("a.neuron");
    if (!link || !groups.some((links) => links.includes(link))) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      show(link.dataset.neuron, link);
      pinned = true;
      return;
    }
    const other = beside(link, event.key);
    if (!other) return;
    event.preventDefault();
    other.focus();
  }, { signal });
  one("close").addEventListener("click", end);
  // Back to the neuron that counted most for this one, and forth again.
  one("previous").addEventListener("click", () => {
    const [layer, k] = keyParts(chosen);
    trail.push(chosen);
    pinned = true;
    show(`${layer - 1}-${model.terms(run, layer, k)[0].from}`, null);
  });
  one("next").addEventListener("click", () => {
    const [layer, k] = keyParts(chosen);
    pinned = true;
    if (trail.length) return show(trail.pop(), null);
    const counted = Array.from({ length: model.size(layer + 1) }, (_, to) => Math.abs(model.weight(layer + 1, to + 1, k)));
    show(`${layer + 1}-${counted.indexOf(Math.max(...counted)) + 1}`, null);
  });

  function end() {
    if (dock.contains(document.activeElement)) visited?.focus();
    show(null);
  }

  // The chain marks the part of the page that is being read.
  const links = new Map(all(".chain a").map((link) => [link.hash.slice(1), link]));
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) links.get(target.id)?.classList.toggle("here", isIntersecting);
    },
    { rootMargin: "-30% 0px -60% 0px" },
  );
  for (const id of links.keys()) if (one(id)) seen.observe(one(id));

  // What is folded away on the screen is printed all the same, unless it is long.
  let unfolded = [];
  addEventListener("beforeprint", () => {
    unfolded = all("details:not([open])").filter((each) => all("tr, .sum", each).length <= 60);
    for (const each of unfolded) each.open = true;
  }, { signal });
  addEventListener("afterprint", () => {
    for (const each of unfolded) each.open = false;
  }, { signal });

  document.documentElement.classList.add("js");
  one("states").disabled = one("reset").disabled = false;
  one("states").selectedIndex = data.at;
  document.documentElement.classList.toggle("live", canChange);
  if (canChange) for (const field of Object.values(fields).flat()) field.disabled = false;
  recall();

  return () => {
    ended.abort();
    seen.disconnect();
  };
}

function base64(values) {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

// Asks netrunner, where it serves the page.
async function ask(what, body) {
  const answer = await fetch(`/${what}${location.search}`, {
    method: body ? "POST" : "GET",
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body && JSON.stringify(body),
  });
  if (answer.status === 409) document.dispatchEvent(new Event("look-again"));
  return answer.ok ? answer.json() : {};
}

let endPage = document.getElementById("data") ? start() : null;
