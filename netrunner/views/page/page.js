// Shows a run, and follows what is changed: an input, a weight, a bias.

let chosenInput = null; // where it is not the one that the page came with

// Starts with the page as it is; returns what ends it before another page takes its place.
function start() {
  const ended = new AbortController();
  const { signal } = ended;
  const data = JSON.parse(one("data").textContent);
  const model = new Model(data);
  const diagram = one("diagram");
  const states = data.states.map((state) => ({ ...state, x: state.x.map(Number) }));
  const door = doors[data.door];

  // What is shown; `changed` says that something differs from what was loaded.
  const page = { data, model, x: data.x.map(Number), run: null, changed: false };
  page.run = model.live ? model.forward(page.x) : runOf(page.x, states[data.at]);
  const loaded = { x: page.x, layers: model.layers.map(({ W, B }) => ({ W: W.slice(), B: B.slice() })) };

  const sums = sumsOf(page);
  const figures = figuresOf(page, diagram);
  const portrait = portraitOf(diagram);
  const dock = dockOf(page, sums, diagram, signal);
  const updateAnswer = answerOf(page, sums);

  // What follows a change

  const valueAt = (letter, layer, k) => page.run[letter][layer][k - 1];
  const numbers = all("[data-v]").map((element) => [element, ...element.dataset.v.split("-")]);
  const places = all("[data-neuron][data-z]:not(#diagram *)").map((element) => [element, ...keyParts(element.dataset.neuron)]);
  const shareCells = all("[data-share]").map((cell) => [cell, ...keyParts(cell.dataset.share)]);
  const bars = all("[data-bar]").map((bar) => [bar, ...keyParts(bar.dataset.bar)]);
  const percents = new Map(); // by layer, as long as the run is the same
  const percentsOf = (layer) => {
    if (!percents.has(layer)) percents.set(layer, percentages(page.run.Z[layer]));
    return percents.get(layer);
  };

  const followers = [
    following(numbers, ([, letter, layer, k]) => valueAt(letter.toUpperCase(), layer, k), ([element], value) => (element.textContent = shown(value))),
    following(places, ([, layer, k]) => valueAt("Z", layer, k), ([element], value) => (element.dataset.z = exact(value))),
    following(places.filter(([, layer]) => layer), ([, layer, k]) => valueAt("A", layer, k), ([element], value) => (element.dataset.a = exact(value))),
    following(shareCells, ([, layer, k]) => percentsOf(layer)[k - 1], ([cell], text) => (cell.textContent = text)),
    following(shareCells, ([, layer, k]) => winner([...page.run.Z[layer]]) === k - 1, ([cell], isLargest) => cell.classList.toggle("largest", isLargest)),
    following(bars, ([, layer, k]) => valueAt("Z", layer, k), ([bar], share) => bar.setAttribute("width", Number.isFinite(share) ? (100 * share).toFixed(2) : "0")),
  ];

  function update() {
    percents.clear();
    for (const follow of followers) follow();
    const isMoved = figures.update(portrait);
    updateWarning();
    updateAnswer();
    updateRows();
    updateSums();
    dock.update(isMoved);
  }

  function updateWarning() {
    const text = firstNotFinite();
    one("warning").hidden = !text;
    one("warning").querySelector("span").textContent = text;
  }

  function firstNotFinite() {
    for (let layer = 1; layer <= model.layers.length; layer++) {
      for (const letter of ["A", "Z"]) {
        const k = page.run[letter][layer].findIndex((value) => !Number.isFinite(value)) + 1;
        if (k) return `Layer ${layer}, neuron ${k}: ${letter.toLowerCase()} is ${notFinite(valueAt(letter, layer, k))}.`;
      }
    }
    return "";
  }

  function updateRows() {
    for (const row of all("#rows [data-row]")) {
      const state = states[row.dataset.row - 1];
      if (model.live && state) {
        const Y = model.forward(state.x).Z.at(-1);
        all("td", row).forEach((cell, k) => (cell.textContent = shown(Y[k])));
      }
      row.classList.toggle("shown", state !== undefined && isShown(state));
    }
  }

  const isShown = (state) => state.x.every((value, j) => value === page.x[j]);

  // The sums that are unfolded; where they are long, after the next frames.
  const isLarge = model.layers.some(({ W }) => W.length > 1000);
  let later = 0;
  function updateSums() {
    for (const block of all(".sums .sum")) block.classList.add("stale");
    cancelAnimationFrame(later);
    if (isLarge) later = afterFrame(writeSums);
    else writeSums();
  }

  const afterFrame = (act) => requestAnimationFrame(() => setTimeout(act));

  function writeSums() {
    const until = isLarge ? performance.now() + 5 : Infinity;
    for (const block of all(".sum.stale")) {
      if (block.closest("details:not([open])")) continue;
      if (performance.now() > until) return void (later = afterFrame(writeSums));
      const [, layer, who] = block.id.split("-");
      const lines = who === "shared" ? sums.sharedLines(Number(layer)) : sums.neuronLines(Number(layer), Number(who));
      block.querySelector(".lines").replaceChildren(...lines);
      block.classList.remove("stale");
    }
  }
  document.addEventListener("toggle", (event) => event.target.open && writeSums(), { capture: true, signal });

  // Fields

  const readers = {
    input: (key) => page.x[key - 1],
    slider: (key) => page.x[key - 1],
    weight: (key) => model.weight(...keyParts(key)),
    bias: (key) => model.bias(...keyParts(key)),
  };
  // `value` is the number that was put into a field; it is unknown after somebody has typed there.
  const fields = Object.keys(readers).flatMap((kind) =>
    all(`[data-${kind}]`).map((element) => ({ kind, key: element.dataset[kind], element, value: readers[kind](element.dataset[kind]) })),
  );
  const fieldOf = new Map(fields.map((field) => [field.element, field]));

  // A number as Python and people write it; NaN for what is not one.
  function read(text) {
    return /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(text) ? Number(text) : NaN;
  }

  // Says why a text is refused, unless it may become a number.
  function refuse(element, text) {
    element.setAttribute("aria-invalid", "true");
    const isBegun = /^\s*[-+]?\d*\.?\d*(e[-+]?\d*)?$/i.test(text);
    element.setCustomValidity(isBegun ? "" : "Write a number with ASCII digits and a point, such as -0.5.");
    element.reportValidity();
  }

  function accept(element) {
    element.removeAttribute("aria-invalid");
    element.setCustomValidity("");
  }

  function fill(except = null) {
    for (const field of fields) {
      const value = readers[field.kind](field.key);
      if (field.element === except) field.value = null;
      if (field.element === except || Object.is(value, field.value)) continue;
      field.value = value;
      field.element.value = field.kind === "slider" ? value : exact(value).replace(/\.0$/, "");
      accept(field.element);
    }
    const known = states.findIndex(isShown);
    one("states").selectedIndex = known < 0 ? states.length : known;
  }

  document.addEventListener("input", (event) => {
    const field = fieldOf.get(event.target);
    if (!field) return;
    const value = read(event.target.value);
    field.value = null;
    if (!Number.isFinite(value)) return refuse(event.target, event.target.value);
    accept(event.target);
    if (field.kind === "weight" || field.kind === "bias") setParameter(field, value);
    else setInput(Number(field.key), value);
    compute(event.target);
  }, { signal });

  function setInput(j, value) {
    page.x = [...page.x];
    page.x[j - 1] = value;
    chosenInput = page.x;
  }

  function setParameter({ kind, key }, value) {
    if (kind === "weight") model.setWeight(...keyParts(key), value);
    else model.setBias(...keyParts(key), value);
    figures.drawEdges(keyParts(key)[0]);
    for (const cell of all(`td.number[data-edge="${key}"]`)) {
      cell.classList.remove("negative", "positive", "zero");
      cell.classList.add(signOf(value));
    }
  }

  // Changes

  // Has everything computed again; the field that is typed into keeps its text.
  let asked = 0;
  function compute(field = null) {
    page.changed = true;
    fill(field);
    remember();
    const mine = ++asked; // only the answer to the last change counts
    const follow = (run) => {
      if (!run || mine !== asked || signal.aborted) return;
      page.run = run;
      update();
    };
    const run = door(model, page.x);
    return run instanceof Promise ? run.then(follow) : follow(run);
  }

  function choose(state) {
    chosenInput = page.x = [...state.x];
    if (door) return compute();
    page.changed = true;
    page.run = runOf(page.x, state);
    fill();
    update();
    remember();
  }

  function reset() {
    model.layers.forEach(({ W, B }, i) => {
      W.set(loaded.layers[i].W);
      B.set(loaded.layers[i].B);
    });
    figures.drawEdges();
    for (const { kind, key } of fields) if (kind === "weight" || kind === "bias") setParameter({ kind, key }, readers[kind](key));
    if (door) {
      page.x = [...loaded.x];
      compute();
    } else {
      choose(states[data.at]);
    }
    chosenInput = null;
    forget();
    document.dispatchEvent(new Event("look-again"));
  }

  one("states").addEventListener("change", (event) => choose(states[event.target.selectedIndex]));
  one("reset").addEventListener("click", reset);

  // The address keeps what was set: #set:x=1,0.5;w1-2-1=0.3;b1-2=0.1

  let writing = 0;
  function remember() {
    if (parent !== window) parent.postMessage({ netrunner: { x: page.x } }, "*");
    if (location.protocol === "about:") return; // in a notebook, the page has no address
    clearTimeout(writing);
    writing = setTimeout(writeAddress, 200);
  }

  function writeAddress() {
    clearTimeout(writing);
    writing = 0;
    const parts = [];
    if (chosenInput || page.x.some((value, j) => value !== loaded.x[j])) parts.push(`x=${page.x.map((value) => exact(value).replace(/\.0$/, "")).join(",")}`);
    for (const { kind, key } of fields) {
      if (kind !== "weight" && kind !== "bias") continue;
      const [layer, to, from] = keyParts(key);
      const { W, B } = loaded.layers[layer - 1];
      const value = readers[kind](key);
      const before = kind === "weight" ? W[(from - 1) * model.size(layer) + to - 1] : B[to - 1];
      if (value !== before) parts.push(`${kind[0]}${key}=${exact(value)}`);
    }
    history.replaceState(null, "", parts.length ? `#set:${parts.join(";")}` : location.pathname + location.search);
  }

  function forget() {
    clearTimeout(writing);
    writing = 0;
    if (location.hash.startsWith("#set:")) history.replaceState(null, "", location.pathname + location.search);
  }

  function recall() {
    if (!location.hash.startsWith("#set:")) return;
    for (const part of decodeURIComponent(location.hash.slice(5)).split(";")) {
      const [name, text = ""] = part.split("=");
      const values = text.split(",").map(read);
      const key = keyParts(name.slice(1));
      const [layer, to, from] = key;
      const isThere = layer >= 1 && layer <= model.layers.length && to >= 1 && to <= model.size(layer);
      if (!values.every(Number.isFinite)) continue;
      // An input that was chosen since is newer.
      if (name === "x" && chosenInput === null && values.length === page.x.length) chosenInput = page.x = values;
      if (door && name[0] === "w" && isThere && from >= 1 && from <= model.size(layer - 1)) setParameter({ kind: "weight", key: name.slice(1) }, values[0]);
      if (door && name[0] === "b" && isThere) setParameter({ kind: "bias", key: name.slice(1) }, values[0]);
    }
    if (door) return compute();
    const state = states.find(isShown);
    if (state) choose(state);
  }

  // In a notebook, the kernel may set the input; see widget.js.
  addEventListener("message", ({ source, data: message }) => {
    const x = message?.netrunner?.x;
    if (parent === window || source !== parent || x?.length !== model.inputs || isShown({ x })) return;
    if (door) {
      chosenInput = page.x = x.map(Number);
      return compute();
    }
    const state = states.find((each) => each.x.every((value, j) => value === x[j]));
    if (state) choose(state);
  }, { signal });

  // Drawing on a picture of the inputs

  const picture = document.querySelector('[data-strip="x-0"]');
  let drawing = false;
  function draw(event) {
    const cell = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-strip='x-0'] rect");
    if (!cell) return;
    const [, j] = keyParts(cell.dataset.neuron);
    const most = Math.max(1, ...states.map((state) => state.x.reduce((all, each) => Math.max(all, each), 0)));
    const value = one("erase").checked ? 0 : most;
    if (page.x[j - 1] === value) return;
    setInput(j, value);
    compute();
  }
  if (picture && door && one("erase")) {
    picture.classList.add("paintable");
    picture.addEventListener("pointerdown", (event) => {
      drawing = true;
      picture.setPointerCapture(event.pointerId);
      event.preventDefault();
      draw(event);
    });
    picture.addEventListener("pointermove", (event) => drawing && draw(event));
    for (const end of ["pointerup", "pointercancel"]) picture.addEventListener(end, () => (drawing = false));
  }

  // The chain marks the part of the page that is being read.
  const links = new Map(all(".chain a").map((link) => [link.hash.slice(1), link]));
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const link = links.get(target.id);
        link.classList.toggle("here", isIntersecting);
        if (isIntersecting) link.closest("ol").scrollLeft = link.offsetLeft - link.closest("ol").clientWidth / 3;
      }
    },
    { rootMargin: "-30% 0px -60% 0px" },
  );
  for (const id of links.keys()) if (one(id)) seen.observe(one(id));

  // What is folded away is printed all the same, unless it is long: then the print says so.
  let unfolded = [];
  addEventListener("beforeprint", () => {
    unfolded = all("details:not([open])").filter((each) => all("tr, .sum", each).length <= 20);
    for (const each of unfolded) each.open = true;
    portrait.print();
  }, { signal });
  addEventListener("afterprint", () => {
    for (const each of unfolded) each.open = false;
    portrait.arrange();
  }, { signal });

  portrait.arrange();
  addEventListener("resize", portrait.arrange, { signal });
  matchMedia("print").addEventListener("change", portrait.arrange, { signal });

  document.documentElement.classList.add("js");
  one("states").disabled = one("reset").disabled = false;
  one("states").selectedIndex = data.at;
  document.documentElement.classList.toggle("live", Boolean(door));
  if (door) for (const { element } of fields) element.disabled = false;
  recall();

  return () => {
    if (writing) writeAddress(); // where the next page looks
    ended.abort();
    seen.disconnect();
  };
}

let endPage = one("data") ? start() : null;
