// A text field for network files: YAML in colours, problems with their fixes, and completion.
// What it shows of a text comes from netrunner; see netrunner/views/page/serve.js.
import { autocompletion, completionKeymap, startCompletion } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

// The colours are the page's, light or dark.
const theme = EditorView.theme({
  "&": { flex: "1", minHeight: "0", color: "var(--ink)", backgroundColor: "var(--paper)", border: "1px solid var(--zero)", borderRadius: "0.4rem" },
  "&.cm-focused": { outline: "3px solid var(--accent)", outlineOffset: "-1px" },
  ".cm-scroller": { fontFamily: "var(--numbers)", fontSize: "0.85rem", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { color: "var(--grey)", backgroundColor: "var(--page)", borderRight: "1px solid var(--rule)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--accent) 8%, transparent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { background: "color-mix(in srgb, var(--accent) 28%, transparent)" },
  ".cm-tooltip, .cm-panels": { color: "var(--ink)", backgroundColor: "var(--paper)", borderColor: "var(--zero)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--numbers)", fontSize: "0.85rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { color: "var(--ink)", backgroundColor: "var(--wash)", outline: "1px solid var(--accent)" },
  ".cm-completionDetail": { color: "var(--grey)" },
  ".cm-completionInfo": { whiteSpace: "pre-wrap", maxWidth: "22rem", fontSize: "0.85rem" },
  ".cm-diagnostic": { fontSize: "0.85rem", whiteSpace: "pre-wrap", maxWidth: "36rem" },
  ".cm-diagnosticAction": { font: "inherit", color: "var(--ink)", backgroundColor: "var(--page)", border: "1px solid var(--zero)", borderRadius: "0.3rem" },
  ".cm-button, .cm-textfield": { color: "var(--ink)", background: "var(--page)", borderColor: "var(--zero)" },
});
const colours = HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: "var(--accent)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--positive-text)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--negative-text)" },
  { tag: tags.comment, color: "var(--grey)", fontStyle: "italic" },
]);

// Where a line and a column are in a text. Both count from 1, and the column counts characters.
function offset(doc, line, column) {
  const { from, text } = doc.line(Math.min(Math.max(line, 1), doc.lines));
  return from + [...text].slice(0, column - 1).join("").length;
}

function lineAndColumn(doc, at) {
  const { from, number, text } = doc.lineAt(at);
  return { line: number, column: [...text.slice(0, at - from)].length + 1 };
}

// The edits of a fix, unless the text has changed since it was found.
function apply(view, fix, text) {
  const { doc } = view.state;
  if (doc.toString() !== text) return;
  const changes = fix.edits.map((edit) => ({
    from: offset(doc, edit.line, edit.column),
    to: offset(doc, edit.end_line, edit.end_column),
    insert: edit.text,
  }));
  view.dispatch({ changes, userEvent: "input.fix" });
}

function diagnostic(doc, problem, text) {
  const from = offset(doc, problem.line, problem.column);
  return {
    from,
    to: problem.end_line ? Math.max(from, offset(doc, problem.end_line, problem.end_column)) : from,
    severity: problem.severity,
    message: `${problem.message} [${problem.code}]`,
    actions: (problem.fixes ?? []).map((fix) => ({ name: fix.title, apply: (view) => apply(view, fix, text) })),
  };
}

const TYPES = { key: "property", activation: "function", parameter: "variable", value: "constant", file: "text", array: "text" };

// `complete` is given a place, and gives netrunner's items for it.
function completionSource(complete) {
  return async (context) => {
    const word = context.matchBefore(/[\w./-]*$/);
    const items = await complete(context.state.doc.toString(), lineAndColumn(context.state.doc, context.pos));
    return {
      from: word ? word.from : context.pos,
      options: items.map(({ label, kind, detail, about, insert }) => ({
        label,
        detail,
        type: TYPES[kind],
        info: about.replaceAll(/\*\*|`| {2}(?=\n)/g, "") || undefined,
        apply: insert || label,
      })),
      validFor: /^[\w./-]*$/,
    };
  };
}

// After what opens a place for a key or a value, completion begins by itself.
const beginsCompletion = EditorView.updateListener.of(({ view, transactions }) => {
  const typed = transactions.some((each) => each.isUserEvent("input.type"));
  if (!typed) return;
  const { head } = view.state.selection.main;
  if (/[:{,] $|\{$/.test(view.state.sliceDoc(Math.max(0, head - 2), head))) setTimeout(() => startCompletion(view));
});

// Text that comes in one piece, as from dictation: put in here, since the browser would mark it up.
const insertsText = EditorView.domEventHandlers({
  beforeinput(event, view) {
    if (event.inputType !== "insertText" || !(event.data?.length > 1)) return false;
    const range = event.getTargetRanges()[0] ?? getSelection().getRangeAt(0);
    const from = view.posAtDOM(range.startContainer, range.startOffset);
    const to = view.posAtDOM(range.endContainer, range.endOffset);
    view.dispatch({ changes: { from, to, insert: event.data }, selection: { anchor: from + event.data.length }, userEvent: "input.type" });
    event.preventDefault();
    return true;
  },
});

// `changed` is called after each change that a person makes.
export function create(parent, { nonce, label, changed, complete }) {
  let isSetting = false;
  const view = new EditorView({
    parent,
    state: EditorState.create({
      extensions: [
        EditorView.cspNonce.of(nonce),
        lineNumbers(),
        lintGutter(),
        history(),
        drawSelection(),
        indentUnit.of("  "),
        indentOnInput(),
        bracketMatching(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        highlightSelectionMatches(),
        yaml(),
        syntaxHighlighting(colours),
        theme,
        autocompletion({ override: [completionSource(complete)] }),
        beginsCompletion,
        insertsText,
        keymap.of([...completionKeymap, ...lintKeymap, ...searchKeymap, ...historyKeymap, ...defaultKeymap]),
        EditorView.contentAttributes.of({ id: "editor", "aria-label": label, spellcheck: "false", tabindex: "0" }),
        EditorView.updateListener.of((update) => update.docChanged && !isSetting && changed()),
      ],
    }),
  });
  return {
    get text() {
      return view.state.doc.toString();
    },

    // Changes only what differs, so that the cursor stays.
    set text(text) {
      const before = this.text;
      let start = 0;
      while (start < Math.min(before.length, text.length) && before[start] === text[start]) start++;
      let end = 0;
      while (end < Math.min(before.length, text.length) - start && before.at(-1 - end) === text.at(-1 - end)) end++;
      isSetting = true;
      view.dispatch({ changes: { from: start, to: before.length - end, insert: text.slice(start, text.length - end) } });
      isSetting = false;
    },

    // The problems of a text; where it is not what is there now, others are on their way.
    showProblems(problems, text) {
      if (text !== this.text) return;
      const { doc } = view.state;
      view.dispatch(setDiagnostics(view.state, problems.filter(({ line }) => line).map((each) => diagnostic(doc, each, text))));
    },

    select({ line, column, end_line: endLine, end_column: endColumn }) {
      const { doc } = view.state;
      const anchor = offset(doc, line, column);
      view.dispatch({ selection: { anchor, head: endLine ? offset(doc, endLine, endColumn) : anchor }, scrollIntoView: true });
      view.focus();
    },

    apply(fix) {
      apply(view, fix, this.text);
    },
  };
}
