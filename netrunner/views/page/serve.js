// The editor beside a served page: shows what netrunner says of the text, and follows the file.
{
  const one = (id) => document.getElementById(id);
  const editor = one("editor");
  const problems = one("problems");
  const save = one("save");
  const notice = one("notice");
  let saved = ""; // the file's text, as far as we know
  let stamp = "";
  let looks = 0;

  const isChanged = () => editor.value !== saved;

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
  function show({ problems: found = [], page, key, error }) {
    if (error) tell(error);
    problems.replaceChildren(...found.map(item));
    document.documentElement.classList.toggle("broken", found.length > 0);
    save.disabled = !isChanged();
    if (!page) return;
    networkKey = key;
    const made = new DOMParser().parseFromString(page, "text/html");
    const place = scrollY;
    endPage?.();
    for (const part of ["header", "nav", "main", "footer", "#dock", "#data"]) {
      const old = document.querySelector(`body > ${part}, .page > ${part}`);
      const other = made.querySelector(`body > ${part}, .page > ${part}`);
      old?.remove();
      if (other) one("page").append(document.adoptNode(other));
    }
    document.title = made.title;
    endPage = start();
    scrollTo({ top: place, behavior: "instant" });
  }

  function item(problem) {
    const line = document.createElement("li");
    const where = button(problem.line ? `line ${problem.line}` : "file", () => select(problem));
    const text = problem.text.split("\n").filter((each) => each.startsWith("  help:"));
    line.append(where, ` ${problem.severity}: ${problem.message} [${problem.code}]`, ...text.map((each) => ` ${each.trim()}`));
    for (const fix of problem.fixes ?? []) line.append(" ", button(fix.title, () => apply(fix)));
    return line;
  }

  // Where a line and a column, both from 1, are in the text.
  function offset(line, column) {
    const lines = editor.value.split("\n");
    const before = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    return before + [...(lines[line - 1] ?? "")].slice(0, column - 1).join("").length;
  }

  function select({ line, column, end_line: endLine, end_column: endColumn }) {
    if (!line) return;
    editor.focus();
    const start = offset(line, column);
    editor.setSelectionRange(start, endLine ? offset(endLine, endColumn) : start + 1);
  }

  function apply(fix) {
    const edits = fix.edits.map((edit) => [offset(edit.line, edit.column), offset(edit.end_line, edit.end_column), edit.text]);
    edits.sort(([a], [b]) => b - a);
    for (const [start, end, text] of edits) editor.setRangeText(text, start, end, "end");
    look();
  }

  async function look() {
    const mine = ++looks;
    const x = chosenInput;
    const answer = await ask("look", { text: editor.value, x });
    if (mine !== looks) return;
    if (x !== chosenInput) return look(); // another was set meanwhile
    show(answer);
  }

  // Takes the file as it is, for the input that is shown.
  async function load() {
    const mine = ++looks;
    const x = chosenInput;
    const answer = await ask("look", { x });
    if (mine !== looks) return;
    if (x !== chosenInput) return load();
    if (answer.text === undefined) return answer.problems ? show(answer) : tell(answer.error ?? "The server has ended.");
    if (isChanged() && answer.text !== editor.value && editor.value) {
      if (answer.stamp === stamp) return look(); // a weight file or a plugin was changed
      return tell("The file was changed by another program. ", button("Load it", take(answer)));
    }
    take(answer)();
  }

  const take = (answer) => () => {
    saved = editor.value = answer.text;
    stamp = answer.stamp;
    tell("");
    show(answer);
  };

  async function write() {
    const text = editor.value;
    const answer = await ask("save", { text, stamp });
    if (answer.conflict) {
      return tell("The file was changed by another program. ", button("Load it", again), button("Write over it", () => {
        stamp = answer.stamp;
        write();
      }));
    }
    if (!answer.stamp) return tell(answer.error ?? "The server has ended.");
    saved = text;
    stamp = answer.stamp;
    save.disabled = !isChanged();
    tell("");
  }

  let typing = 0;
  editor.addEventListener("input", () => {
    save.disabled = !isChanged();
    clearTimeout(typing);
    typing = setTimeout(look, 120);
  });
  editor.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      if (isChanged()) write();
    }
  });
  save.addEventListener("click", write);

  function again() {
    saved = editor.value;
    load();
  }

  document.addEventListener("look-again", () => (stamp ? look() : load()));
  new EventSource(`/events${location.search}`).addEventListener("message", load); // the first comes at once
}
