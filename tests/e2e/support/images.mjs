// @ts-check
// Images of layers that are made here, in a real registry.

import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { emptyFolder, find, run } from "./programs.mjs";

const BLOCK = 512;

/**
 * A tar archive of these entries, in their order: a name, its content or what it links to, and what else its header says.
 * @param {{ name: string, content?: Buffer | string, type?: string, mode?: number, link?: string }[]} entries
 */
export function archive(entries) {
  const parts = [];
  for (const { name, content = "", type = name.endsWith("/") ? "5" : "0", mode = 0o644, link = "" } of entries) {
    const bytes = Buffer.from(content);
    const header = Buffer.alloc(BLOCK);
    const octal = (value, at, length) => header.write(value.toString(8).padStart(length - 1, "0"), at);
    header.write(name, 0);
    octal(mode, 100, 8);
    octal(0, 108, 8);
    octal(0, 116, 8);
    octal(bytes.length, 124, 12);
    octal(1_700_000_000, 136, 12);
    header.write("        ", 148);
    header.write(type, 156);
    header.write(link, 157);
    header.write("ustar\u000000root", 257);
    header.write("root", 297);
    octal(header.reduce((sum, byte) => sum + byte, 0), 148, 7);
    parts.push(header, bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK));
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

/** Pushes an image of these archives, base first, as crane makes and compresses it; its reference. */
export async function pushImage(registry, reference, archives) {
  const folder = emptyFolder();
  mkdirSync(folder, { recursive: true });
  const files = archives.map((bytes, index) => {
    const file = path.join(folder, `${index}.tar`);
    writeFileSync(file, bytes);
    return file;
  });
  const whole = `${registry.host}/${reference}`;
  const layers = files.flatMap((file) => ["--new_layer", file]);
  await run(find("crane"), ["append", "--insecure", ...layers, "--new_tag", whole]);
  return whole;
}
