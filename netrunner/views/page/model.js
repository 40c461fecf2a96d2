// The network and its forward pass, as in the book: A = X·W + B, then Z = h(A).

const H = {
  identity: (A) => A.slice(),
  step: (A) => A.map((a) => (Number.isNaN(a) ? a : a > 0 ? 1 : 0)),
  relu: (A) => A.map((a) => (a > 0 || Number.isNaN(a) ? a : 0)),
  // Neither branch overflows, and both ends keep their digits.
  sigmoid: (A) =>
    A.map((a) => {
      const e = Math.exp(-Math.abs(a));
      return (a >= 0 ? 1 : e) / (1 + e);
    }),
  // The largest is taken away first, which changes nothing in the result.
  softmax: (A) => {
    const { e, s } = softmaxParts(A);
    return e.map((each) => each / s);
  },
};

function softmaxParts(A) {
  const c = Math.max(...A);
  const e = A.map((a) => Math.exp(a - c));
  return { c, e, s: e.reduce((sum, each) => sum + each, 0) };
}

class Model {
  constructor(data) {
    this.live = data.live;
    this.inputs = data.inputs.size;
    this.layers = data.layers.map(({ activation, size, W, B }) => ({
      activation,
      size,
      W: floats(W),
      B: floats(B),
    }));
    // float32 rounds after each step; which digits are the last depends on the order of a sum.
    this.rounded = data.dtype === "float32" ? (values) => values.map(Math.fround) : (values) => values;
  }

  // The number of neurons of a layer; layer 0 is the inputs.
  size(layer) {
    return layer ? this.layers[layer - 1].size : this.inputs;
  }

  weight(layer, to, from) {
    return this.layers[layer - 1].W[(from - 1) * this.size(layer) + to - 1];
  }

  bias(layer, to) {
    return this.layers[layer - 1].B[to - 1];
  }

  setWeight(layer, to, from, value) {
    this.layers[layer - 1].W[(from - 1) * this.size(layer) + to - 1] = value;
  }

  setBias(layer, to, value) {
    this.layers[layer - 1].B[to - 1] = value;
  }

  // Every A and Z for the input x: A[1] is layer 1's, and Z[0] is x.
  forward(x) {
    const run = { A: [null], Z: [this.rounded(Float64Array.from(x))] };
    for (const { activation, size, W, B } of this.layers) {
      const X = run.Z.at(-1);
      const A = new Float64Array(size);
      for (let j = 0; j < X.length; j++) {
        if (X[j] === 0) continue;
        for (let k = 0; k < size; k++) A[k] += X[j] * W[j * size + k];
      }
      for (let k = 0; k < size; k++) A[k] += B[k];
      run.A.push(this.rounded(A));
      run.Z.push(this.rounded(H[activation](run.A.at(-1))));
    }
    return run;
  }

  // The terms of a neuron's sum, the largest first, with the neuron before that each comes from.
  terms(run, layer, k) {
    const known = (run.terms ??= {});
    return (known[`${layer}-${k}`] ??= this.sortedTerms(run.Z[layer - 1], layer, k));
  }

  sortedTerms(X, layer, k) {
    const terms = [...X].map((x, j) => {
      const w = this.weight(layer, k, j + 1);
      return { from: j + 1, w, x, value: w * x };
    });
    const size = ({ value }) => (Number.isNaN(value) ? Infinity : Math.abs(value));
    return terms.sort((one, other) => size(other) - size(one) || one.from - other.from);
  }

  // The neurons to draw of each layer, as many as `drawn` says: those that counted most for the
  // largest output, then for the first of these, and so on backwards, as diagram.py finds them.
  decisive(run, drawn) {
    const size = (value) => (Number.isNaN(value) ? Infinity : value);
    const shown = [];
    let counted = Array.from(run.Z.at(-1), size);
    for (let layer = this.layers.length; layer >= 0; layer--) {
      const ranked = [...counted.keys()].sort((one, other) => counted[other] - counted[one] || one - other);
      shown[layer] = ranked.slice(0, drawn[layer]).sort((one, other) => one - other).map((k) => k + 1);
      if (layer) counted = Array.from(run.Z[layer - 1], (x, j) => size(Math.abs(this.weight(layer, ranked[0] + 1, j + 1) * x)));
    }
    return shown;
  }

  // The neurons from the largest output back along the largest terms, as `why` finds them.
  walk(run) {
    const depth = this.layers.length;
    const Y = [...run.Z[depth]].map((y) => (Number.isNaN(y) ? -Infinity : y));
    const steps = [[depth, Y.indexOf(Math.max(...Y)) + 1]];
    for (let layer = depth; layer > 1 && steps.length < 6; layer--) {
      const [first] = this.terms(run, layer, steps.at(-1)[1]);
      if (first.value === 0) break;
      steps.push([layer - 1, first.from]);
    }
    return steps;
  }
}

function floats(base64) {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  return new Float64Array(bytes.buffer);
}

// The place of the largest value, from 0; -1 where one is NaN.
function winner(values) {
  return values.some(Number.isNaN) ? -1 : values.indexOf(Math.max(...values));
}
