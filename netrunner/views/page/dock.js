// The sum of the neuron that is pointed at, focused or tapped, in a dock; and what it lights.

function dockOf(page, sums, diagram, signal) {
  const { model } = page;
  const depth = model.layers.length;
  const dock = one("dock");
  const sum = one("sum");
  let chosen = null; // the key of a neuron: "1-2" is neuron 2 of layer 1
  let pinned = false;
  let visited = null; // the link that had the focus last
  let pressed = null; // what the button or finger went down on
  let trail = []; // the neurons that Previous came from

  // Shows a neuron, or none for null; `place` is the element that stands for it. It may scroll only
  // if it was `asked` for, by the keys or a click, not if it is just pointed at.
  function show(key, place, asked = false) {
    darken();
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
    write();
    if (!again) dock.scrollTop = 0;
    if (place) uncover(place, asked);
  }

  function write() {
    const [layer, k] = keyParts(chosen);
    const block = one(`explain-${chosen}`);
    const lines = page.changed ? sums.neuronLines(layer, k) : copies(block);
    const shared = page.changed ? sums.sharedLines(layer) : copies(one(`explain-${layer}-shared`));
    const who = block.querySelector(".who").cloneNode(true);
    const [first, ...rest] = lines;
    const text = make("div", { class: "lines" }, who, first, ...shared, ...rest);
    const beside = make("div", { class: "beside" }, sums.termsTable(layer, k), layer === 1 ? weightPicture(k) : null);
    sum.replaceChildren(text, beside);
    one("previous").disabled = layer === 1;
    one("next").disabled = layer === depth && !trail.length;
  }

  const copies = (block) => (block ? all(".lines > *", block).map((each) => each.cloneNode(true)) : []);

  // The weights of a neuron of layer 1 as a picture, if the inputs form one.
  function weightPicture(k) {
    const side = Math.sqrt(model.inputs);
    if (!Number.isInteger(side) || side < 4) return null;
    const weights = Float64Array.from({ length: model.inputs }, (_, j) => model.weight(1, k, j + 1));
    const most = largestOf([weights]);
    const cells = Array.from(weights, (weight, j) => {
      const cell = make("rect", { x: j % side, y: Math.floor(j / side), width: 1, height: 1 });
      paint(cell, tint(weight, most, 1));
      return cell;
    });
    const svg = make("svg", { viewBox: `0 0 ${side} ${side}`, width: 112, height: 112, role: "img", "aria-label": "The weights of this neuron as a picture" }, ...cells);
    return make("figure", { class: "weights" }, svg, make("figcaption", {}, "its weights"));
  }

  // Puts the dock at that end of the window where it does not cover the neuron; where the window
  // is too low for that, scrolls.
  function uncover(place, mayScroll) {
    const { top, bottom } = place.getBoundingClientRect();
    const height = dock.offsetHeight;
    const covered = () => (dock.classList.contains("above") ? height - top : bottom - (innerHeight - height));
    if (covered() > 0) dock.classList.toggle("above");
    if (covered() <= 0 || !mayScroll) return;
    const way = dock.classList.contains("above") ? -1 : 1;
    scrollBy({ top: way * (covered() + 8), behavior: "instant" });
  }

  function darken() {
    for (const part of all(".on, .source")) part.classList.remove("on", "source");
    for (const label of all(".spare", diagram)) label.remove();
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
    const { value } = parameterOf(edge, model);
    const place = { x: x1 + 0.3 * (x2 - x1), y: y1 + 0.3 * (y2 - y1) + 3 };
    return make("text", { ...place, class: "spare", "font-size": 9, fill: TEXT_COLOURS[signOf(value)] }, brief(value, 4));
  }

  // A weight or bias that is pointed at: its term, its cell, the ends of its edge.
  function point(key) {
    for (const part of all(".pointed")) part.classList.remove("pointed");
    if (!key) return;
    const [layer, to, from] = keyParts(key);
    one((from ? "edge-" : "bias-") + key)?.classList.add("pointed");
    const ends = [`th[data-neuron="${layer}-${to}"]`, `th[data-neuron="${layer - 1}-${from}"]`];
    for (const part of all(`[data-edge="${key}"], .product :is(${ends})`)) part.classList.add("pointed");
  }

  // The key of the weight or bias that something stands for.
  function edgeAt(element) {
    const { edge } = element.closest("[data-edge]")?.dataset ?? {};
    return edge ?? element.closest("#diagram .edge")?.id.replace(/^\w+-/, "");
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

  function pointAt(event) {
    point(edgeAt(event.target) ?? edgeAt(document.activeElement));
    const neuron = event.pointerType === "touch" || pinned ? null : neuronAt(event.target);
    if (neuron && neuron.dataset.neuron !== chosen) show(neuron.dataset.neuron, neuron);
  }

  // What scrolls under a resting pointer is not pointed at until the pointer moves.
  let place = "";
  let scrolled = false;
  const placeOf = ({ clientX, clientY }) => `${clientX} ${clientY}`;
  document.addEventListener("pointerover", (event) => {
    scrolled = placeOf(event) === place;
    if (!scrolled) pointAt(event);
  }, { signal });
  document.addEventListener("pointermove", (event) => {
    if (scrolled && placeOf(event) !== place) {
      scrolled = false;
      pointAt(event);
    }
    place = placeOf(event);
  }, { signal });
  document.addEventListener("focusin", (event) => {
    if (dock.contains(event.target)) return;
    point(edgeAt(event.target));
    const link = event.target.closest("a.neuron");
    if (!link) return event.target.matches("input, select, button") ? undefined : show(null);
    visited = link;
    if (groups.some((links) => links.includes(link))) makeStop(link);
    show(link.dataset.neuron, link, true);
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
      show(neuron.dataset.neuron, neuron, true);
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
    show(`${layer - 1}-${model.terms(page.run, layer, k)[0].from}`, null);
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

  // After a change; `isMoved` says that the diagram shows other neurons now.
  function update(isMoved) {
    if (!chosen) return;
    if (isMoved) {
      darken();
      light(chosen);
    }
    write();
  }

  return { update };
}
