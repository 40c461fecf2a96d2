// The pictures: the diagram, the strips of wide layers, and the curves. Each follows the run.

// The weight or bias of an edge of the diagram, from its id, such as "edge-1-2-3".
function parameterOf(edge, model) {
  const [kind, ...key] = edge.id.split("-");
  const [layer, to, from] = key.map(Number);
  const isWeight = kind === "edge";
  return {
    layer,
    value: isWeight ? model.weight(layer, to, from) : model.bias(layer, to),
    name: isWeight ? symbolText("w", [to, from], layer) : symbolText("b", [to], layer),
  };
}

// Pixels of a curve, as curve.py has them.
const FRAME = { width: 320, height: 230, left: 44, right: 12, top: 10, bottom: 32 };

const NAME_ROOM = 153; // points, of a name beside a neuron, as in diagram.py

function figuresOf(page, diagram) {
  const { data, model } = page;
  const depth = model.layers.length;
  const valueOf = ([layer, k]) => page.run.Z[layer][k - 1];

  // What stands for a neuron in the diagram, and which neuron that is.
  const seats = all(".neuron, .input, .name, .output", diagram).map((group) => ({ group, key: keyParts(group.dataset.neuron) }));
  const nodes = seats.filter(({ group }) => group.matches(".neuron, .input")).map(({ group, key }) => ({
    group,
    key,
    circle: all(":scope > circle", group).at(-1),
    a: group.querySelector("text.a"),
    z: group.querySelector("text.z"),
    symbol: group.querySelector("text:not(.a, .z)"),
    title: group.querySelector("title"),
  }));

  const nameOf = ([layer, k]) => (layer === 0 ? data.inputs.names : layer === depth ? data.outputs : null)?.[k - 1];

  function nodeTitle([layer, k]) {
    const z = `${symbolText(layer ? "z" : "x", [k], layer)} = ${exact(page.run.Z[layer][k - 1])}`;
    const a = layer ? `${symbolText("a", [k], layer)} = ${exact(page.run.A[layer][k - 1])}, ` : "";
    const name = nameOf([layer, k]);
    return `${name ? `${name}: ` : ""}${a}${z}`;
  }

  // Of a wide layer, the neurons are drawn that decided this run.
  let drawn = data.layers.map(() => []);
  drawn.push([]);
  for (const { group, key } of nodes) if (group.id) drawn[key[0]].push(key[1]);

  // Gives the places of wide layers to the neurons that decide now; says whether any has changed.
  function seat(portrait) {
    const now = model.decisive(page.run, drawn.map((layer) => layer.length));
    const moved = now.map((layer, n) => new Map(layer.map((k, place) => [drawn[n][place], k])));
    const isMoved = moved.map((layer) => [...layer].some(([before, k]) => before !== k));
    if (!isMoved.includes(true)) return false;
    drawn = now;
    portrait.undo();
    for (const { group, key } of seats) {
      if (!isMoved[key[0]]) continue;
      key[1] = moved[key[0]].get(key[1]);
      group.dataset.neuron = key.join("-");
    }
    for (const { group, key: [layer, k], symbol } of nodes) {
      if (!isMoved[layer]) continue;
      if (group.id) group.id = `node-${layer}-${k}`;
      symbol.textContent = layer ? `${symbolText("a", [k], layer)}↓${symbolText("z", [k], layer)}` : symbolText("x", [k]);
      if (!layer) continue;
      const name = nameOf([layer, k]);
      group.setAttribute("href", `#explain-${layer}-${k}`);
      group.setAttribute("aria-label", `${name ? `${name}: ` : ""}neuron ${k} of layer ${layer}`);
    }
    for (const edge of edges) {
      const [kind, ...key] = edge.id.split("-");
      const [layer, to, from] = key.map(Number);
      if (!isMoved[layer] && !isMoved[layer - 1]) continue;
      const ends = [moved[layer].get(to), ...(from ? [moved[layer - 1].get(from)] : [])];
      edge.id = [kind, layer, ...ends].join("-");
      drawEdge(edge);
    }
    portrait.arrange();
    return true;
  }

  // The darkest tint means this: in the inputs, and in all layers.
  let largest = [];
  const measure = () => (largest = [largestOf([page.run.Z[0]]), largestOf(page.run.Z.slice(1))]);
  measure();

  const classifies = data.layers[depth - 1].shares;
  const percents = () => (classifies ? percentages(page.run.Z[depth]) : []);
  const bestOf = () => (classifies ? winner([...page.run.Z[depth]]) + 1 : 0);

  // y₁, and its share.
  function outputText(k) {
    const share = percents()[k - 1];
    return symbolText("y", [k]) + (share === undefined ? "" : /[<>]/.test(share) ? ` ${share}` : ` = ${share}`);
  }

  const outputs = nodes.filter(({ key }) => key[0] === depth);
  const labels = seats.filter(({ group }) => group.matches(".output")).map(({ group, key }) => ({ texts: all("text", group), key }));
  const names = seats.filter(({ group }) => group.matches(".name")).map(({ group, key }) => ({ texts: all("text", group), key }));
  names.push(...labels.filter(({ texts }) => texts.length > 1));
  for (const { texts } of names) texts[0].room = NAME_ROOM;
  const isSymbol = (name, [layer, k]) => name === (layer ? `y${k}` : `x${k}`);
  const shownName = (key) => (isSymbol(nameOf(key), key) ? "" : nameOf(key));
  const followers = [
    following(nodes, ({ key }) => tint(valueOf(key), largest[Number(key[0] > 0)], 0.32), ({ circle }, look) => paint(circle, look)),
    following(nodes.filter(({ a }) => a), ({ key: [layer, k] }) => page.run.A[layer][k - 1], ({ a }, value) => (a.textContent = fitting(value, Number(a.dataset.room)))),
    following(nodes.filter(({ z }) => z), ({ key }) => valueOf(key), ({ z }, value) => (z.textContent = fitting(value, Number(z.dataset.room)))),
    following(nodes.filter(({ title }) => title), ({ key }) => nodeTitle(key), ({ title }, text) => (title.textContent = text)),
    following(outputs, ({ key }) => (key[1] === bestOf() ? "2.6" : "1"), ({ circle }, width) => circle.setAttribute("stroke-width", width)),
    following(nodes, ({ key }) => valueOf(key), ({ group }, value) => (group.dataset.z = exact(value))),
    following(nodes.filter(({ a }) => a), ({ key: [layer, k] }) => page.run.A[layer][k - 1], ({ group }, value) => (group.dataset.a = exact(value))),
    following(labels, ({ key }) => (key[1] === bestOf() ? "bold" : "normal"), ({ texts }, weight) => texts.forEach((text) => text.setAttribute("font-weight", weight))),
    following(labels, ({ key }) => outputText(key[1]), ({ texts }, text) => writeText(texts.at(-1), text)),
    following(names, ({ key }) => shownName(key), ({ texts }, name) => writeText(texts[0], name)),
    ...all(".strip", diagram).flatMap(drawnStrip),
    ...all(".key text", diagram).filter((text) => text.textContent.startsWith("tint of ")).map(tintKey),
    ...all("[data-strip]").flatMap(heatStrip),
    ...all("svg.curve").map(curve),
  ];

  // The cells of a wide layer, each in the tint of its value.
  function strip(cells, values, strength, write) {
    let most = largestOf([values()]);
    const tints = following([...cells.keys()], (k) => tint(values()[k], most, strength), (k, look) => write(cells[k], look));
    return () => {
      most = largestOf([values()]);
      tints();
    };
  }

  // In the diagram, a negative cell has a tick and one that is not finite a cross, for grey print.
  function drawnStrip(group) {
    const layer = Number(group.id.split("-")[1]);
    const values = () => page.run.Z[layer];
    const cells = all(".cells rect", group);
    const [x, y, side] = ["x", "y", "width"].map((name) => cells.map((cell) => Number(cell.getAttribute(name))));
    const line = (k, ...[x1, y1, x2, y2]) => `M${x[k] + x1 * side[k]} ${y[k] + y1 * side[k]} L${x[k] + x2 * side[k]} ${y[k] + y2 * side[k]}`;
    const cross = (k) => line(k, 0.3, 0.3, 0.7, 0.7) + line(k, 0.3, 0.7, 0.7, 0.3);
    const signs = () => [...values()].map((value, k) => (Number.isFinite(value) ? (value < 0 ? line(k, 0.3, 0.5, 0.7, 0.5) : "") : cross(k))).join("");
    let path = group.querySelector(":scope > path");
    const writeSigns = (_, d) => {
      if (!path) {
        path = make("path", { stroke: "#1a1a1a", "stroke-width": Math.max(0.4, side[0] / 16) });
        group.querySelector(".cells").after(path);
      }
      path.setAttribute("d", d);
    };
    return [
      strip(cells, values, 0.85, paint),
      following([null], signs, writeSigns),
      following([all("text", group)], () => captions(layer).join("\n"), (texts, lines) => {
        texts.forEach((text, n) => (text.textContent = lines.split("\n")[n] ?? ""));
      }),
    ];
  }

  // What the values of a wide layer range over, as diagram.py says it.
  function captions(layer) {
    const values = [...page.run.Z[layer]];
    const letter = layer ? "z" : "x";
    const some = values.filter(Number.isFinite);
    const lines = [`all ${values.length} ${symbolText(letter, [], layer)}`];
    if (some.length) {
      lines[0] += `: ${brief(Math.min(...some), 4)} … ${brief(Math.max(...some), 4)}`;
      lines.push(`largest: ${symbolText(letter, [values.indexOf(Math.max(...some)) + 1], layer)}`);
    }
    if (some.length < values.length) lines.push(`${lines.pop()}, not finite: ${values.length - some.length}`);
    return lines;
  }

  // The ends of a tint in the key. What comes after the first of them moves with its length.
  function tintKey(before) {
    const place = before.textContent.startsWith("tint of x") ? 0 : 1;
    const label = before.textContent.replace(/: .*/, ": ");
    const after = [];
    for (let next = before.nextElementSibling; next && !next.textContent.startsWith("tint of "); next = next.nextElementSibling) after.push(next);
    let shown = after.at(-1).textContent;
    return following([before], () => brief(largest[place], 3), (_, end) => {
      // Widths as layout.py assumes them: to measure them would lay out the page.
      const longer = (ems(end) - ems(shown)) * Number(before.getAttribute("font-size"));
      shown = end;
      before.textContent = `${label}-${end}`;
      after.at(-1).textContent = end;
      for (const each of after) each.setAttribute("x", Number(each.getAttribute("x")) + longer);
    });
  }

  function heatStrip(svg) {
    const [letter, layer] = svg.dataset.strip.split("-");
    const values = () => (letter === "a" ? page.run.A : page.run.Z)[layer];
    const write = (cell, look) => {
      const sign = signOfTint(look);
      if (!cell.classList.contains(sign)) {
        cell.classList.remove(...Object.keys(COLOURS));
        cell.classList.add(sign);
      }
      cell.setAttribute("fill-opacity", opacityOf(look));
    };
    const ends = () => {
      const some = finite(values());
      return some.length ? `${brief(Math.min(...some), 4)} … ${brief(Math.max(...some), 4)}` : "not finite";
    };
    const range = svg.parentNode.querySelector("[data-range]");
    return [strip(all("rect", svg), values, 1, write), following([range], ends, (element, text) => (element.textContent = text))];
  }

  function curve(svg) {
    const layer = Number(svg.dataset.layer);
    const [left, right, low, high] = svg.dataset.limits.split(" ").map(Number);
    const part = (value, from, to) => Math.min(Math.max((value - from) / (to - from), 0), 1);
    const place = (k) => {
      const [a, z] = [page.run.A[layer][k], page.run.Z[layer][k]];
      if (!Number.isFinite(a) || !Number.isFinite(z)) return "";
      const x = FRAME.left + part(a, left, right) * (FRAME.width - FRAME.left - FRAME.right);
      const y = FRAME.height - FRAME.bottom - part(z, low, high) * (FRAME.height - FRAME.top - FRAME.bottom);
      const isOutside = a < left || a > right || z < low || z > high;
      return `${x.toFixed(2)} ${y.toFixed(2)} ${isOutside}`;
    };
    const dots = all(".dot", svg);
    return following([...dots.keys()], place, (k, text) => {
      const [x, y, isOutside] = text.split(" ");
      dots[k].setAttribute("visibility", text ? "visible" : "hidden");
      if (!text) return;
      dots[k].setAttribute("cx", x);
      dots[k].setAttribute("cy", y);
      dots[k].classList.toggle("outside", isOutside === "true");
    });
  }

  // Says whether other neurons of a wide layer are drawn now.
  function update(portrait) {
    measure();
    const isMoved = seat(portrait);
    for (const follow of followers) follow();
    return isMoved;
  }

  // The largest size of a weight or bias of each layer, which is sought before the first change.
  const heaviest = new Map();
  function heaviestOf(layer) {
    const { W, B } = model.layers[layer - 1];
    if (!heaviest.has(layer)) heaviest.set(layer, largestOf([W, B]) || 1);
    return heaviest.get(layer);
  }

  // An edge after a weight or a bias of its layer has changed, or its ends have.
  function drawEdge(edge) {
    const { layer, value, name } = parameterOf(edge, model);
    const share = Math.abs(value) / heaviestOf(layer);
    const color = COLOURS[signOf(value)];
    const path = edge.querySelector("path");
    const arrow = edge.querySelector("polygon");
    const width = arrow ? 0.7 + 2.3 * share : 0.3 + 1.3 * share;
    const unit = Math.max(width, 1);
    path.setAttribute("stroke", color);
    path.setAttribute("stroke-width", width.toFixed(2));
    path.setAttribute("stroke-dasharray", value < 0 ? `${4 * unit} ${1.8 * unit}` : value ? "none" : `${unit} ${2.5 * unit}`);
    arrow?.setAttribute("fill", color);
    const text = edge.querySelector("text");
    if (text) {
      const isFull = !text.matches(".spare") && text.textContent.includes("=");
      text.textContent = isFull ? `${name} = ${brief(value)}` : brief(value, text.matches(".spare") ? 4 : 5);
      text.setAttribute("fill", TEXT_COLOURS[signOf(value)]);
    }
    const title = edge.querySelector("title");
    if (title) title.textContent = `${name} = ${exact(value)}`;
  }

  const edges = all('[id^="edge-"], [id^="bias-"]:not([id^="bias-node-"])', diagram);

  // Draws the edges again, those of one layer or all.
  function drawEdges(only = null) {
    heaviest.clear();
    for (const edge of edges) if (only === null || Number(edge.id.split("-")[1]) === only) drawEdge(edge);
  }

  if (edges.length) model.layers.forEach((_, n) => heaviestOf(n + 1));

  return { update, drawEdges };
}
