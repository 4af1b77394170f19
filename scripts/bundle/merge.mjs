// @ts-check
// Makes one program of several that belong to the same one: its memory, its table and its globals are theirs. Each that
// stands alone is compiled and started by itself, which takes a telephone a millisecond, and there are hundreds.
import binaryen from "binaryen";

// A text, where a name may stand that is none, or a name.
const WORD = /"(?:[^"\\]|\\.)*"|\$[^\s()]+/g;
const IMPORT = /^\s*\(import ("[^"]*" "[^"]*") \(\w+ (\$[^\s()]+)/;

/** @param {Buffer[]} programs without exports @returns {Buffer} */
export function merge(programs) {
  /** Each import once: what it names, and by which name. @type {Map<string, string>} */
  const known = new Map();
  /** @type {string[]} */
  const imports = [];
  const rest = programs.flatMap((program, index) => {
    /** What is called otherwise in the one program. @type {Map<string, string>} */
    const names = new Map();
    const named = (/** @type {string} */ line) =>
      line.replace(WORD, (word) => (word.startsWith("$") ? (names.get(word) ?? `$${index}.${word.slice(1)}`) : word));
    return lines(program).flatMap((line) => {
      const [, what, name] = line.match(IMPORT) ?? [];
      if (!what) return [named(line)];
      const before = known.get(what);
      if (before) names.set(name, before);
      else {
        known.set(what, named(name));
        imports.push(named(line));
      }
      return [];
    });
  });
  // Imports stand before all else.
  const whole = binaryen.parseText(["(module", ...imports, ...rest, ")"].join("\n"));
  const content = Buffer.from(whole.emitBinary());
  whole.dispose();
  return content;
}

/** The program as text, without what encloses it. @param {Buffer} content */
function lines(content) {
  const program = binaryen.readBinary(content);
  const text = program.emitText().trim().split("\n");
  program.dispose();
  return text.slice(1, -1);
}
