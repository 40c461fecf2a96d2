// Bundles editor.mjs with CodeMirror into ../../netrunner/views/page/editor.js, which is kept in
// the repository, and gathers the licences of what is in it.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const SOURCES = ["build.mjs", "editor.mjs", "package-lock.json"]; // as in tests/views/test_editor_bundle.py
const PAGE = "../../netrunner/views/page";

const hash = createHash("sha256");
for (const source of SOURCES) hash.update(readFileSync(source));

const { metafile } = await build({
  entryPoints: ["editor.mjs"],
  outfile: `${PAGE}/editor.js`,
  bundle: true,
  minify: true,
  format: "iife",
  globalName: "netrunnerEditor",
  target: "es2022",
  charset: "ascii",
  legalComments: "none",
  metafile: true,
  banner: {
    js: `// Made by editors/page/build.mjs, with CodeMirror; editor.LICENSE.txt has the licences.\n// Sources: sha256 ${hash.digest("hex")}`,
  },
});

const packages = new Set(
  Object.keys(metafile.inputs).map((input) => input.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1]).filter(Boolean),
);
const licences = [...packages].sort().map((name) => {
  const { version, license } = JSON.parse(readFileSync(`node_modules/${name}/package.json`));
  return `${name} ${version} (${license})\n\n${readFileSync(`node_modules/${name}/LICENSE`, "utf8").trim()}\n`;
});
writeFileSync(`${PAGE}/editor.LICENSE.txt`, licences.join(`\n${"-".repeat(72)}\n\n`));
