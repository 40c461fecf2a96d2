// The editor beside a served page: shows what netrunner says about the text, and follows the file.
{
  const one = (id) => document.getElementById(id);
  const problems = one("problems");
  const save = one("save");
  const notice = one("notice");
  networkKey = one("page").dataset.key ?? "";
  let saved = ""; // the file's text, as far as we know
  let stamp = "";
  let isGone = false; // the file was removed: Save writes it again
  let looks = 0;

  const editor = netrunnerEditor.create(one("text"), {
    nonce: document.querySelector("style").nonce,
    label: "The text of the network file",
    changed,
    complete: async (text, place) => (await ask("complete", { text, ...place })).items ?? [],
  });

  const isChanged = () => editor.text !== saved;
  const isUnsaved = () => isGone || isChanged();

  function tell(text, ...buttons) {
    notice.replaceChildren(text, ...buttons);
    notice.hidden = !text;
  }

  function button(text, act) {
    const element = document.createElement("button");
    element.type = "button";
    element.textContent = text;
    element.addEventListener("click", act);
    return element;
  }

  // Puts what netrunner has made of a text into the page.
  function show(text, { problems: found = [], page, key, error }) {
    if (error) return tell(error);
    problems.replaceChildren(...found.map(item));
    editor.showProblems(found, text);
    document.documentElement.classList.toggle("broken", page === undefined);
    save.disabled = !isUnsaved();
    if (!page || key === networkKey) return;
    networkKey = key;
    const made = new DOMParser().parseFromString(page, "text/html");
    const place = scrollY;
    endPage?.();
    document.title = made.querySelector("h1").textContent;
    one("page").replaceChildren(...made.body.childNodes);
    endPage = start();
    scrollTo({ top: place, behavior: "instant" });
  }

  function item(problem) {
    const line = document.createElement("li");
    const where = problem.line ? button(`line ${problem.line}`, () => editor.select(problem)) : "";
    line.append(where, ` ${problem.severity}: ${problem.message} [${problem.code}]`);
    if (problem.hint) line.append(` help: ${problem.hint}`);
    for (const fix of problem.fixes) line.append(" ", button(fix.title, () => editor.apply(fix)));
    return line;
  }

  async function look() {
    const mine = ++looks;
    const x = chosenInput;
    const { text } = editor;
    const answer = await ask("look", { text, x });
    if (mine !== looks) return;
    if (x !== chosenInput) return look(); // another was set meanwhile
    show(text, answer);
  }

  // Takes the file as it is, for the input that is shown.
  async function load() {
    const mine = ++looks;
    const x = chosenInput;
    const answer = await ask("look", { x });
    if (mine !== looks) return;
    if (x !== chosenInput) return load();
    isGone = answer.gone ?? false;
    save.disabled = !isUnsaved();
    if (answer.text === undefined) return show(editor.text, answer);
    if (isChanged() && answer.text !== editor.text && editor.text) {
      if (answer.stamp === stamp) return look(); // a weight file or a plugin was changed
      return tell("The file was changed by another program. ", button("Load it", take(answer)));
    }
    take(answer)();
  }

  const take = (answer) => () => {
    saved = editor.text = answer.text;
    stamp = answer.stamp;
    tell("");
    show(answer.text, answer);
  };

  async function write() {
    const { text } = editor;
    const answer = await ask("save", { text, stamp });
    if (answer.conflict) {
      return tell("The file was changed by another program. ", button("Load it", again), button("Overwrite it", () => {
        stamp = answer.stamp;
        write();
      }));
    }
    if (!answer.stamp) return tell(answer.error);
    saved = text;
    stamp = answer.stamp;
    isGone = false;
    save.disabled = !isUnsaved();
    tell("");
  }

  let typing = 0;
  function changed() {
    save.disabled = !isUnsaved();
    clearTimeout(typing);
    typing = setTimeout(look, 60);
  }
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      if (isUnsaved()) write();
    }
  });
  save.addEventListener("click", write);

  function again() {
    saved = editor.text;
    load();
  }

  document.addEventListener("look-again", () => (stamp ? look() : load()));
  addEventListener("beforeunload", (event) => isUnsaved() && event.preventDefault());

  const events = new EventSource(`/events${location.search}`);
  events.addEventListener("error", () => notice.textContent === ENDED || tell(ENDED)); // again and again
  events.addEventListener("message", () => {
    tell("");
    load();
  }); // the first comes at once
}
