// Who answers a change. Each door gives the run of an input as { A, Z }, at once or as a promise;
// with "states" there is nobody, and only what netrunner has computed can be chosen.
// docs/page.md describes what passes through.

const ENDED = "netrunner serve has ended, so nothing can be saved from here: copy what you still need.";

let networkKey = ""; // by which netrunner knows the network that is shown, where it serves the page

const doors = {
  page: (model, x) => model.forward(x),

  netrunner: async (model, x) => {
    const layers = model.layers.map(({ W, B }) => ({ W: base64(W), B: base64(B) }));
    const answer = await ask("run", { key: networkKey, x, layers });
    return answer.Z ? runOf(x, answer) : null;
  },
};

// A run from lists of A and Z, one for each layer, whose numbers may be texts such as "NaN".
function runOf(x, { A, Z }) {
  const arrays = (lists) => lists.map((list) => Float64Array.from(list.map(Number)));
  return { A: [null, ...arrays(A)], Z: [Float64Array.from(x), ...arrays(Z)] };
}

// Asks netrunner. It answers 409 if it no longer has the network.
async function ask(what, body) {
  const sent = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(`/${what}${location.search}`, sent).catch(() => null);
  if (answer?.ok) return answer.json();
  if (answer?.status === 409) document.dispatchEvent(new Event("look-again"));
  return { error: !answer || answer.status === 403 ? ENDED : `netrunner serve refuses this (${answer.status}).` };
}

function base64(values) {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
