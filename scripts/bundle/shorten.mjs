// @ts-check
// Gives what the program imports from its script short names, in both, and takes comments and indentation out of the
// script. wasm-bindgen names each import with 16 digits of a hash, which no compression makes smaller: 5 KB of what is
// sent.

const IMPORTS = 2;
const FUNCTION = 0;

/**
 * @param {string} script
 * @param {Buffer} program
 */
export function shorten(script, program) {
  /** @type {Map<string, string>} */
  const names = new Map();
  const short = renameImports(program, (name) => {
    const known = names.get(name) ?? `i${names.size.toString(36)}`;
    names.set(name, known);
    return known;
  });
  // A property `NAME: function` for each; what else stands in the script keeps its name.
  const seen = new Set();
  const words = withoutComments(script).replace(/\b__w(?:b|asm_split_load_)\w+(?=: )/g, (name) => {
    seen.add(name);
    return names.get(name) ?? name;
  });
  const missing = [...names.keys()].filter((name) => !seen.has(name));
  if (missing.length) throw new Error(`shorten: not in the script: ${missing.join(", ")}`);
  return { script: words, program: short };
}

/**
 * The script without the lines that are comments, and without indentation.
 * @param {string} script
 */
export const withoutComments = (script) => script.replace(/^\s*(\/\/|\/\*\*|\*).*\n/gm, "").replace(/^ +/gm, "");

/**
 * The style without the lines that are comments, and without white space that means nothing. No text in it may hold such
 * white space.
 * @param {string} style
 */
export const shortenStyle = (style) =>
  style.replace(/^\s*\/\*.*\*\/\n/gm, "").replace(/\s*([{};])\s*/g, "$1").replace(/([:,]) /g, "$1");

/**
 * The program with other names for its imports.
 * @param {Buffer} program
 * @param {(name: string) => string} rename
 */
export function renameImports(program, rename) {
  const { start, content, end } = section(program, IMPORTS);
  let [count, at] = readNumber(program, content);
  const readName = () => {
    const [length, first] = readNumber(program, at);
    at = first + length;
    return program.toString("utf8", first, at);
  };
  /** @type {Buffer[]} */
  const imports = [number(count)];
  for (; count > 0; count--) {
    imports.push(text(readName()), text(rename(readName())));
    const kind = at;
    if (program[kind] !== FUNCTION) throw new Error("shorten: the program imports something that is not a function");
    [, at] = readNumber(program, kind + 1);
    imports.push(program.subarray(kind, at));
  }
  const inside = Buffer.concat(imports);
  const head = Buffer.concat([program.subarray(0, start), Buffer.from([IMPORTS]), number(inside.length)]);
  return Buffer.concat([head, inside, program.subarray(end)]);
}

/**
 * Where the section with that number begins, where its content does, and where it ends.
 * @param {Buffer} program
 * @param {number} wanted
 */
function section(program, wanted) {
  for (let start = 8; start < program.length; ) {
    const [size, content] = readNumber(program, start + 1);
    if (program[start] === wanted) return { start, content, end: content + size };
    start = content + size;
  }
  throw new Error(`shorten: the program has no section ${wanted}`);
}

/**
 * The number at `at` in LEB128, and where it ends.
 * @param {Buffer} bytes
 * @param {number} at
 */
function readNumber(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    value |= (bytes[at] & 0x7f) << shift;
    if (bytes[at++] < 0x80) return [value, at];
  }
}

/**
 * In LEB128.
 * @param {number} value
 */
export function number(value) {
  const bytes = [];
  for (; value >= 0x80; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return Buffer.from([...bytes, value]);
}

/** @param {string} string */
export const text = (string) => Buffer.concat([number(Buffer.byteLength(string)), Buffer.from(string)]);
