// The arithmetic of a neuron, line by line, as netrunner explains it. `page` is what is shown: its
// data, its model and its run.

function sumsOf(page) {
  const { data, model } = page;
  const nameOf = (layer) => data.layers[layer - 1].activation;
  // Whether the activation of a layer is worked out as softmax is.
  const isSoftmax = (layer) => data.layers[layer - 1].softmax;

  // left = step = step, each step in one piece.
  function line(left, ...steps) {
    const spans = steps.map((parts, place) => make("span", {}, ...(place ? ["= "] : [left, " = "]), ...parts));
    return make("p", { class: "line" }, ...spans.flatMap((span, place) => (place ? [" ", span] : [span])));
  }

  // Numbers in as few digits as make true what is printed: that `value` of them is the result.
  function digitsOf(numbers, value, result) {
    for (let digits = 8; ; digits++) {
      const texts = numbers.map((each) => shown(each, digits));
      if (digits === 17 || shown(value(...texts.map(Number))) === shown(result)) return texts;
    }
  }

  // The lines of a neuron.
  function neuronLines(layer, k) {
    const { A, Z } = page.run;
    const [a, z] = [A[layer][k - 1], Z[layer][k - 1]];
    const lines = [sumLine(layer, k)];
    const left = symbol("z", [k], layer);
    if (isSoftmax(layer) && A[layer].every(Number.isFinite)) {
      const { c, e, s } = softmaxParts(A[layer]);
      const power = digitsOf([a, c], (a, c) => Math.exp(a - c), e[k - 1]).map(factor);
      lines.push(line(symbol("e", [k], layer), ["exp(", symbol("a", [k], layer), " - ", symbol("c", [], layer), ")"], [`exp(${power.join(" - ")})`], [shown(e[k - 1])]));
      if (data.layers[layer - 1].log) {
        const symbols = [symbol("a", [k], layer), " - ", symbol("c", [], layer), " - log(", symbol("s", [], layer), ")"];
        const [one, largest, sum] = digitsOf([a, c, s], (a, c, s) => a - c - Math.log(s), z);
        lines.push(line(left, symbols, [`${factor(one)} - ${factor(largest)} - log(${sum})`], [shown(z)]));
      } else {
        lines.push(line(left, [symbol("e", [k], layer), "/", symbol("s", [], layer)], [digitsOf([e[k - 1], s], (e, s) => e / s, z).join("/")], [shown(z)]));
      }
    } else if (!data.layers[layer - 1].elementwise) {
      const h = (...inside) => [symbol("h", [k]), "(", ...inside, ")"];
      const symbols = listed([...A[layer]].map((_, n) => () => symbol("a", [n + 1], layer)));
      const numbers = listed([...A[layer]].map((each) => () => shown(each)));
      lines.push(line(left, h(...symbols), h(...numbers), [shown(z)]));
    } else {
      // A plugin's function is not known here; a small z has more digits after the point than a.
      const h = H[nameOf(layer)];
      const [number] = h ? digitsOf([a], (a) => h([a])[0], z) : [shown(a, z !== 0 && Math.abs(z) < 0.1 ? 10 : 8)];
      const numbers = worked(layer, number);
      const steps = numbers === shown(z) ? [[numbers]] : [[numbers], [shown(z)]];
      lines.push(line(left, [`${data.layers[layer - 1].worked ? nameOf(layer) : "h"}(`, symbol("a", [k], layer), ")"], ...steps));
    }
    return lines;
  }

  // The formula of an activation with its number put in.
  function worked(layer, a) {
    const template = data.layers[layer - 1].worked;
    if (!template) return `h(${a})`;
    // An expression alone between parentheses or commas needs no parentheses of its own.
    return template.replaceAll("{a}", factor(a)).replace(/(^|\(|, )\((-[^()]*)\)(?=$|\)|,)/g, "$1$2");
  }

  // What all neurons of a softmax share: c, the lesson on overflow, and s.
  function sharedLines(layer) {
    const A = page.run.A[layer];
    if (!isSoftmax(layer) || !A.every(Number.isFinite)) return [];
    const { c, e, s } = softmaxParts([...A]);
    const symbols = listed(e.map((_, k) => () => symbol("a", [k + 1], layer)));
    const numbers = e.length > 10 ? symbol("a", [A.indexOf(c) + 1], layer) : `max(${[...A].map((a) => shown(a)).join(", ")})`;
    const largest = line(symbol("c", [], layer), ["max(", ...symbols, ")"], ...(e.length > 1 ? [[numbers]] : []), [shown(c)]);
    const total = addition(e.map((value, k) => ({ factors: [value], symbols: () => [symbol("e", [k + 1], layer)] })), s, 0);
    return [largest, ...overflow(layer, A), line(symbol("s", [], layer), total.symbols, total.numbers, [shown(s)])];
  }

  // What the naive form would give, if that is wrong.
  function overflow(layer, A) {
    const naive = [...A].map(Math.exp);
    const s = naive.reduce((total, each) => total + each, 0);
    if (Number.isFinite(s) && s > 0) return [];
    const k = naive.indexOf(Infinity);
    const what = k >= 0 ? `exp(${shown(A[k])}) at neuron ${k + 1} would overflow to inf` : s > 0 ? "the sum of the exponentials would overflow to inf" : "all the exponentials would vanish to 0";
    const { log } = data.layers[layer - 1];
    const texts = listed(naive.map((each, n) => () => shown(log ? A[n] - Math.log(s) : each / s)), " ");
    return [make("p", { class: "note" }, "without subtracting ", symbol("c", [], layer), `, ${what}, and the ${log ? "logarithms" : "shares"} would be [`, ...texts, "]")];
  }

  // Parts separated by commas; of many, only the ends.
  function listed(makers, between = ", ") {
    const skipped = makers.length > 10 ? makers.length - 4 : 0;
    const kept = skipped ? [...makers.slice(0, 2), () => `⋯ ${skipped} more ⋯`, ...makers.slice(-2)] : makers;
    return kept.flatMap((part, place) => (place ? [between, part()] : [part()]));
  }

  function sumLine(layer, k) {
    const terms = [...page.run.Z[layer - 1]].map((value, j) => ({
      factors: [model.weight(layer, k, j + 1), value],
      symbols: () => [symbol("w", [k, j + 1], layer), "·", source(layer, j + 1)],
    }));
    terms.push({ factors: [model.bias(layer, k)], symbols: () => [symbol("b", [k], layer)] });
    const a = page.run.A[layer][k - 1];
    const { symbols, numbers } = addition(terms, a, 1);
    return line(symbol("a", [k], layer), symbols, numbers, [shown(a)]);
  }

  // A sum in symbols and in numbers, with as many digits as make it true as it is printed.
  function addition(terms, result, last) {
    const product = (factors) => factors.reduce((all, each) => all * each, 1);
    const isLong = terms.length - last > 10;
    const kept = isLong ? [...terms.slice(0, 2), ...terms.slice(terms.length - last - 2)] : terms;
    const skipped = isLong ? terms.slice(2, terms.length - last - 2) : [];
    const together = skipped.reduce((total, { factors }) => total + product(factors), 0);
    const between = (parts) => parts.flatMap((part, place) => (place ? [" + ", ...part] : part));
    const symbols = kept.map((term) => term.symbols());
    if (isLong) symbols.splice(2, 0, [`⋯ ${skipped.length} more terms ⋯`]);
    let numbers;
    for (let digits = 8; digits <= 17; digits++) {
      const texts = kept.map(({ factors }) => factors.map((each) => shown(each, digits)));
      const rest = shown(together, digits);
      const given = texts.reduce((total, each) => total + product(each.map(Number)), isLong ? Number(rest) : 0);
      numbers = texts.map((each) => [each.map(factor).join("·")]);
      if (isLong) numbers.splice(2, 0, [`⋯ ${skipped.length} more terms, together ${rest} ⋯`]);
      if (!Number.isFinite(result) || shown(given) === shown(result)) break;
    }
    return { symbols: between(symbols), numbers: between(numbers) };
  }

  // The largest terms as signed bars, the others together, and the bias.
  function termsTable(layer, k) {
    const terms = model.terms(page.run, layer, k);
    const [first, others] = [terms.slice(0, 5), terms.slice(5)];
    const bias = model.bias(layer, k);
    const rest = others.reduce((total, { value }) => total + value, 0);
    const most = Math.max(...first.map(({ value }) => Math.abs(value)), Math.abs(rest), Math.abs(bias)) || 1;
    const row = (what, product, value, edge) =>
      make(
        "tr",
        edge ? { "data-edge": edge } : {},
        make("th", { scope: "row" }, ...what),
        make("td", { class: "number" }, product),
        make("td", { class: "number" }, brief(value)),
        make("td", { class: "bar" }, signedBar(value, most)),
      );
    const rows = first.map(({ from, w, x, value }) => {
      const name = layer === 1 ? (data.inputs.names?.[from - 1] ?? `x${from}`) : "";
      const named = name && name !== `x${from}` ? make("span", { class: "name" }, ` ${name}`) : "";
      const what = [symbol("w", [k, from], layer), "·", source(layer, from), named];
      return row(what, `${factor(brief(w))}·${factor(brief(x))}`, value, `${layer}-${k}-${from}`);
    });
    if (others.length) rows.push(row([`${others.length} more term${others.length > 1 ? "s" : ""}`], "", rest));
    rows.push(row([symbol("b", [k], layer)], "", bias, `${layer}-${k}`));
    return make("table", { class: "terms" }, make("tbody", {}, ...rows));
  }

  return { neuronLines, sharedLines, termsTable };
}
