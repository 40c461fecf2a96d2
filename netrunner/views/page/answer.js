// The answer first: what the network says, and the terms that decided it.

function answerOf(page, sums) {
  const { data, model } = page;
  const depth = model.layers.length;

  // Its name, or its symbol if the name says no more.
  function outputName(k) {
    const name = data.outputs?.[k - 1] ?? `y${k}`;
    return name === `y${k}` ? symbol("y", [k]) : make("b", {}, name);
  }

  function sayShares() {
    const Y = [...page.run.Z[depth]];
    const best = winner(Y);
    if (best < 0) return ["no class: a share is not a number"];
    const percents = percentages(Y);
    const order = Y.map((share, k) => k).filter((k) => k !== best).sort((one, other) => Y[other] - Y[one] || one - other);
    const parts = [outputName(best + 1), `, ${percents[best]}`];
    order.slice(0, 2).forEach((k, place) => parts.push(place ? " · " : "; then ", outputName(k + 1), ` ${percents[k]}`));
    return parts;
  }

  function sayOutputs() {
    const Y = [...page.run.Z[depth]];
    const parts = Y.slice(0, 8).flatMap((y, k) => {
      const isNamed = data.outputs && data.outputs[k] !== `y${k + 1}`;
      return [k ? "; " : "", ...(isNamed ? [outputName(k + 1), ": "] : []), symbol("y", [k + 1]), ` = ${shown(y)}`];
    });
    return Y.length > 8 ? [...parts, `; and ${Y.length - 8} more`] : parts;
  }

  function step([layer, k]) {
    const who = layer === depth && data.outputs ? outputName(k) : symbol("a", [k], layer);
    const link = make("a", { href: `#explain-${layer}-${k}`, "data-neuron": `${layer}-${k}` }, who);
    const [a, z] = [page.run.A[layer][k - 1], page.run.Z[layer][k - 1]];
    return make("li", {}, make("p", {}, link, `: a = ${brief(a)}, z = ${brief(z)}, from`), sums.termsTable(layer, k));
  }

  return () => {
    one("says").replaceChildren(...(data.layers[depth - 1].shares ? sayShares() : sayOutputs()));
    one("because").replaceChildren(...model.walk(page.run).map(step));
  };
}
