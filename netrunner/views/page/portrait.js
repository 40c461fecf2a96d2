// The diagram on a phone, and in print if it is large: the layers below each other, since they do
// not fit side by side.

const SCALE = 4 / 3; // pixels a point
const SHEET = { width: 507, height: 756.8, head: 28.4 }; // points, of A4 within its margins, as in page.css
const LINE = 13;

function portraitOf(diagram) {
  let before = []; // what undoes it

  function set(element, attributes) {
    for (const [name, value] of Object.entries(attributes)) {
      const old = element.getAttribute(name);
      before.push(() => (old === null ? element.removeAttribute(name) : element.setAttribute(name, old)));
      element.setAttribute(name, value);
    }
  }

  const move = (element, dx, dy) => set(element, { transform: `translate(${dx.toFixed(2)} ${dy.toFixed(2)})` });
  const numberOf = (element, name) => Number(element.getAttribute(name));
  const nodesOf = (layer) => all(`[id^="node-${layer}-"]`, diagram);

  // Rows of about the same length, none longer than `most`.
  function rowsOf(nodes, most) {
    const length = Math.ceil(nodes.length / Math.ceil(nodes.length / most));
    return Array.from({ length: Math.ceil(nodes.length / length) }, (_, row) => nodes.slice(row * length, (row + 1) * length));
  }

  // No layer is cut in two by one of the `ends` of sheets.
  function arrange(width, top = 4, ends = []) {
    const centres = new Map(); // where the middle and the edge of each node are, by its id
    const headings = all(".heading", diagram);
    const columns = headings.map((heading) => numberOf(heading.querySelector("text"), "x"));
    let y = top;
    const uncut = (put) => {
      const bottom = put(y);
      const end = ends.find((each) => y < each && each < bottom);
      y = end === undefined ? bottom : put(end + 4);
    };
    let layer = 0;
    headings.forEach((heading, place) => {
      if (all("text", heading).length === 1) return set(heading, { display: "none" }); // a layer that is there already
      uncut((y) => placeLayer(layer, place, y));
      layer++;
    });

    // Gives the height below it.
    function placeLayer(layer, place, y) {
      const heading = headings[place];
      const lines = all("text", heading);
      move(heading, width / 2 - columns[place], y + 8 - numberOf(lines[0], "y"));
      y += LINE * lines.length + 12;
      const nodes = nodesOf(layer);
      const r = numberOf(nodes[0].querySelector("circle"), "r");
      const names = new Map(all(`.name[data-neuron^="${layer}-"], .output[data-neuron^="${layer}-"]`, diagram).map((name) => [name.dataset.neuron, name]));
      const room = layer === 0 && names.size ? LINE : 0;
      const below = layer > 0 && names.size ? 2 * LINE : 0;
      const most = Math.max(1, Math.floor((width + 4) / (2 * r + 4)));
      const step = Math.min(2.5 * r, (width - 2 * r) / Math.max(1, most - 1));
      for (const row of rowsOf(nodes, most)) {
        row.forEach((node, k) => {
          const circle = node.querySelector("circle");
          const [cx, cy] = [width / 2 + (k - (row.length - 1) / 2) * step, y + room + r];
          centres.set(node.id, { x: cx, y: cy, r });
          move(node, cx - numberOf(circle, "cx"), cy - numberOf(circle, "cy"));
          const name = names.get(node.dataset.neuron);
          if (name) placeName(name, cx, room ? cy - r - 5 : cy + r + LINE - 1, row.length > 1 ? step : width);
        });
        y += room + 2 * r + below + 8;
      }
      for (const extra of all(`.more, #strip-${layer}`, diagram)) {
        const text = extra.querySelector("text");
        if (!text || Math.abs(numberOf(text, "x") - columns[place]) > 1) continue;
        const box = extra.getBBox();
        const frame = extra.querySelector(":scope > rect");
        if (frame) {
          const paper = frame.cloneNode(); // so that no edge is seen through the cells
          paper.setAttribute("fill", "#ffffff");
          extra.prepend(paper);
          before.push(() => paper.remove());
        }
        move(extra, width / 2 - columns[place], y - box.y);
        y += box.height + 6;
      }
      const bias = diagram.querySelector(`#bias-node-${layer + 1}`);
      if (bias) {
        const circle = bias.querySelector("circle");
        const size = numberOf(circle, "r");
        centres.set(bias.id, { x: width - size - 2, y: y + size, r: size });
        move(bias, width - size - 2 - numberOf(circle, "cx"), y + size - numberOf(circle, "cy"));
        y += 2 * size + 34;
      }
      return y;
    }

    for (const again of all(".neuron:not([id])", diagram)) set(again, { display: "none" });
    for (const edge of all(".edge", diagram)) placeEdge(edge, centres);
    uncut((y) => placeKey(y + 10, width));
    set(diagram, { viewBox: `-1.5 0 ${width + 3} ${y}`, width: (width + 3) * SCALE, height: y * SCALE });
  }

  // The name of an input, or what is said of an output.
  function placeName(name, x, y, room) {
    for (const line of all("path", name)) set(line, { display: "none" });
    all("text", name).forEach((text, n) => {
      set(text, { x, y: y + n * LINE, "text-anchor": "middle" });
      const old = text.room;
      before.push(() => {
        text.room = old;
        writeText(text);
      });
      text.room = room - 2;
      writeText(text);
    });
  }

  function placeEdge(edge, centres) {
    const [kind, layer, to, from] = edge.id.split("-");
    const source = centres.get(kind === "edge" ? `node-${layer - 1}-${from}` : `bias-node-${layer}`);
    const target = centres.get(`node-${layer}-${to}`);
    if (!source || !target) return;
    const distance = Math.hypot(target.x - source.x, target.y - source.y);
    const [dx, dy] = [(target.x - source.x) / distance, (target.y - source.y) / distance];
    const [x1, y1] = [source.x + dx * source.r, source.y + dy * source.r];
    const [x2, y2] = [target.x - dx * target.r, target.y - dy * target.r];
    set(edge.querySelector("path"), { d: `M${x1} ${y1} L${x2} ${y2}` });
    const corners = [[0, 0], [-6.5, -3.25], [-6.5, 3.25]].map(([u, v]) => `${x2 + u * dx - v * dy} ${y2 + u * dy + v * dx}`);
    const arrow = edge.querySelector("polygon");
    if (arrow) set(arrow, { points: corners.join(" ") });
    const text = edge.querySelector("text");
    if (text) set(text, { x: x1 + 0.35 * (x2 - x1), y: y1 + 0.35 * (y2 - y1) + 3, transform: "" });
  }

  // The key, with the kinds of lines below each other. Gives the height of all.
  function placeKey(y, width) {
    const key = diagram.querySelector(".key");
    const parts = [...key.children];
    const samples = parts.filter((part) => part.matches("path"));
    const top = numberOf(parts[1], "y") - 8;
    samples.forEach((sample, n) => {
      const text = sample.nextElementSibling;
      const dx = numberOf(samples[0].nextElementSibling, "x") - numberOf(text, "x");
      for (const part of [sample, text]) move(part, dx - 12, y - top + n * LINE);
    });
    const others = parts.filter((part) => !part.matches("path") && !part.previousElementSibling?.matches("path"));
    let [dx, dy] = [-12, y - top + (samples.length - 1) * LINE];
    others.forEach((part, n) => {
      const isTint = part.matches("text") && part.textContent.startsWith("tint of ");
      move(part, isTint ? -12 : dx, dy);
      if (!isTint) return;
      // Its gradient comes after it, or below it where there is no room.
      const end = others.slice(n + 1).find((each) => each.matches("text"));
      const left = numberOf(part, "x") - 12 - numberOf(others[n + 1], "x");
      dx = left + part.getComputedTextLength() + 5;
      if (numberOf(end, "x") + dx + end.getComputedTextLength() <= width) return;
      dx = left;
      dy += LINE;
    });
    return dy + top + 4 * LINE + 12;
  }

  const [narrow, paper] = ["(max-width: 48rem)", "print"].map((query) => matchMedia(query));
  const section = diagram.closest("section");

  function undo() {
    for (const each of before.reverse()) each();
    before = [];
    for (const each of [diagram, section]) each.classList.remove("portrait", "stacked");
  }

  function follow() {
    undo();
    if (!narrow.matches) return;
    const width = diagram.parentNode.clientWidth / SCALE - 17;
    if (width <= 100) return; // a frame that is not shown yet has no width
    diagram.classList.add("portrait");
    arrange(width);
  }

  // In print, its letters would be too small if it were scaled down to fit.
  function print() {
    undo();
    const { width, height } = diagram.viewBox.baseVal;
    if (section.matches(".broad") || (width <= SHEET.width && height <= SHEET.height - SHEET.head)) return;
    diagram.classList.add("portrait");
    section.classList.add("stacked");
    arrange(SHEET.width, SHEET.head, Array.from({ length: 20 }, (_, n) => (n + 1) * SHEET.height));
  }

  return { undo, arrange: () => (paper.matches ? print() : follow()), print };
}
