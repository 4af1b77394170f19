// Writes FILE.br (quality 11) and FILE.gz (level 9) beside each file of a folder that gets smaller by it:
//   node scripts/compress.mjs dist
// The proxy and any static host that knows precompressed files send those. Files up to date are left alone.
import { readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

// Images and fonts are compressed already.
const COMPRESSIBLE = new Set([".css", ".html", ".js", ".json", ".svg", ".txt", ".wasm", ".webmanifest"]);

function brotli(bytes) {
  return brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 22,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
}

const FORMS = { ".br": brotli, ".gz": (bytes) => gzipSync(bytes, { level: 9 }) };

const folder = process.argv[2];
if (!folder) {
  console.error("compress: name the folder, for example: node scripts/compress.mjs dist");
  process.exit(2);
}

for (const entry of readdirSync(folder, { recursive: true })) {
  const path = join(folder, entry);
  const { mtime, mtimeMs } = statSync(path);
  if (!COMPRESSIBLE.has(extname(path))) continue;
  for (const [ending, compress] of Object.entries(FORMS)) {
    // A compressed form carries the time of its source.
    if (statSync(path + ending, { throwIfNoEntry: false })?.mtimeMs === mtimeMs) continue;
    const bytes = readFileSync(path);
    const compressed = compress(bytes);
    if (compressed.length >= bytes.length) continue;
    writeFileSync(path + ending, compressed);
    utimesSync(path + ending, mtime, mtime);
  }
}
