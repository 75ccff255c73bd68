// node build.mjs SOURCES TARGET: compiles, bundles, packs and names what browsers load; run in a folder with node_modules.
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, parse } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [sources, target] = process.argv.slice(2);
const packages = join(process.cwd(), "node_modules");
const require = createRequire(join(packages, "x.js"));
const sass = require("sass");
const esbuild = require("esbuild");

const files = {};
const sizes = {};

function keep(name, content, { pack = true } = {}) {
  const bytes = Buffer.from(content);
  const { name: stem, ext } = parse(name);
  const hashed = `${stem}.${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}${ext}`;
  writeFileSync(join(target, hashed), bytes);
  if (pack) {
    writeFileSync(join(target, `${hashed}.gz`), gzipSync(bytes, { level: 9 }));
    const quality = { [constants.BROTLI_PARAM_QUALITY]: 11 };
    writeFileSync(join(target, `${hashed}.br`), brotliCompressSync(bytes, { params: quality }));
  }
  files[name] = hashed;
  sizes[name] = bytes.length;
  return hashed;
}

// Fonts for scripts that systems often lack; a page loads one only where it shows such a character.
for (const [set, script] of [["noto-sans-canadian-aboriginal", "canadian-aboriginal"], ["noto-sans-arabic", "arabic"]]) {
  const folder = join(packages, "@fontsource", set, "files");
  keep(`${script}.woff2`, readFileSync(join(folder, `${set}-${script}-400-normal.woff2`)), { pack: false });
}

const compiled = sass.compile(join(sources, "app.scss"), {
  style: "compressed",
  loadPaths: [join(packages, "govuk-frontend", "dist")],
  quietDeps: true,
});
keep("app.css", compiled.css.replace(/asset\("?([^")]+)"?\)/g, (_, name) => `url(${files[name]})`));

for (const module of readdirSync(sources).filter((name) => name.endsWith(".mjs") && name !== "build.mjs")) {
  const built = esbuild.buildSync({
    entryPoints: [join(sources, module)],
    absWorkingDir: process.cwd(),
    nodePaths: [packages],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    legalComments: "none",
    write: false,
  });
  keep(module.replace(/\.mjs$/, ".js"), built.outputFiles[0].contents);
}

for (const picture of readdirSync(sources).filter((name) => name.endsWith(".svg"))) {
  keep(picture, readFileSync(join(sources, picture)));
}

// pdf.js is loaded only where a PDF is read; it asks for its parts by their own names, below one folder.
const pdf = join(packages, "pdfjs-dist");
keep("pdf.mjs", readFileSync(join(pdf, "build", "pdf.min.mjs")));
keep("pdf.worker.mjs", readFileSync(join(pdf, "build", "pdf.worker.min.mjs")));
const parts = join(target, "pdf");
mkdirSync(parts);
for (const part of ["cmaps", "standard_fonts", "wasm", "iccs"]) {
  cpSync(join(pdf, part), join(parts, part), { recursive: true });
}

writeFileSync(join(target, "manifest.json"), JSON.stringify({ files, sizes }, null, 1));
