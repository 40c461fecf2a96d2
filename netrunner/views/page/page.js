"use strict";
// Shows the sum of the neuron that is pointed at, tapped or focused, and lights where it comes from.
{
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const dock = document.getElementById("dock");
  const sum = document.getElementById("sum");
  const close = document.getElementById("close");
  const diagram = document.getElementById("diagram");
  // Each of these is one stop of the Tab key; the arrow keys go on from there.
  const groups = [diagram, ...all(".tables")].map((group) => all("a.neuron", group));
  let shown = null; // the key of a neuron: "1-2" is neuron 2 of layer 1
  let visited = null; // the link that had the focus last
  let pressed = null; // what the button or finger went down on

  // Shows a neuron that `place` stands for, or with null no neuron.
  function show(key, place) {
    if (key === shown) return;
    shown = key;
    for (const part of all(".on, .source")) part.classList.remove("on", "source");
    diagram.classList.toggle("lit", key !== null);
    dock.classList.toggle("open", key !== null);
    close.hidden = key === null;
    if (key === null) {
      sum.replaceChildren();
    } else {
      light(key);
      const copy = document.getElementById(`explain-${key}`).cloneNode(true);
      sum.replaceChildren(...copy.childNodes);
      dock.scrollTop = 0;
      uncover(place);
    }
  }

  // Puts the dock to the other end of the window where it would cover the neuron.
  function uncover(place) {
    const box = place.getBoundingClientRect();
    const height = dock.offsetHeight;
    const above = dock.classList.contains("above");
    if (above ? box.top < height : box.bottom > innerHeight - height) dock.classList.toggle("above");
  }

  function light(key) {
    const layer = Number(key.split("-")[0]);
    for (const part of all(`[data-neuron="${key}"]`)) part.classList.add("on");
    for (const part of all(`[data-neuron^="${layer - 1}-"]`)) part.classList.add("source");
    const edges = `[id^="edge-${key}-"], #bias-${key}, #bias-${key}-label, #bias-node-${layer}`;
    for (const part of all(edges, diagram)) part.classList.add("on");
  }

  // What stands for a neuron at an element, if anything does; inputs have no sum.
  function neuronAt(element) {
    return element.closest("[data-neuron]:not([data-neuron^='0-'])");
  }

  function next(link, name) {
    const group = groups.find((links) => links.includes(link));
    const here = group.indexOf(link);
    if (name === "ArrowDown") return group[here + 1];
    if (name === "ArrowUp") return group[here - 1];
    if (name === "Home") return group[0];
    if (name === "End") return group.at(-1);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[name];
    if (!step) return undefined;
    const [layer, neuron] = link.dataset.neuron.split("-").map(Number);
    const beside = group.filter((each) => each.dataset.neuron.startsWith(`${layer + step}-`));
    return beside.find((each) => each.dataset.neuron.endsWith(`-${neuron}`)) ?? beside.at(-1);
  }

  function makeStop(link) {
    for (const each of groups.find((links) => links.includes(link))) each.tabIndex = -1;
    link.tabIndex = 0;
  }

  document.documentElement.classList.add("js");
  for (const links of groups) {
    for (const link of links) link.setAttribute("role", "button");
    if (links.length) makeStop(links[0]);
  }

  document.addEventListener("pointerover", (event) => {
    const neuron = event.pointerType === "touch" ? null : neuronAt(event.target);
    if (neuron) show(neuron.dataset.neuron, neuron);
  });
  document.addEventListener("focusin", (event) => {
    if (dock.contains(event.target)) return;
    const link = event.target.closest("a.neuron");
    if (!link) return show(null);
    visited = link;
    makeStop(link);
    show(link.dataset.neuron, link);
  });
  // The dock may come up under the finger, and the click then ends on it.
  document.addEventListener("pointerdown", (event) => (pressed = neuronAt(event.target)));
  document.addEventListener("click", (event) => {
    const neuron = neuronAt(event.target) ?? pressed;
    pressed = null;
    if (neuron) {
      event.preventDefault(); // the link to the sum, which is here now
      show(neuron.dataset.neuron, neuron);
    } else if (!dock.contains(event.target)) {
      show(null);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape") return end();
    const link = event.target.closest("a.neuron");
    if (!link) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return show(link.dataset.neuron, link);
    }
    const other = next(link, event.key);
    if (!other) return;
    event.preventDefault();
    other.focus();
  });
  close.addEventListener("click", end);

  function end() {
    if (dock.contains(document.activeElement)) visited?.focus();
    show(null);
  }

  // What is folded away on the screen is printed all the same.
  const folded = () => all("details:not([open])");
  let unfolded = [];
  addEventListener("beforeprint", () => {
    unfolded = folded();
    for (const each of unfolded) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of unfolded) each.open = false;
  });
}
