// What a page does that is made of hash-wasm and fflate: each layer streamed, with hashers that are used again.

import { createSHA256 } from "./hash-wasm.mjs";
import { Gunzip } from "./fflate.mjs";

const received = await createSHA256();
const unpacked = await createSHA256();

/** Reads a layer, and gives each chunk to `take`. */
async function stream(url, take) {
  const response = await fetch(url, { cache: "no-store" });
  if (!response.ok) throw new Error(`${url} is answered ${response.status}`);
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    take(value);
  }
}

/** Reads a layer, and does nothing with it. */
export async function download({ url }) {
  await stream(url, () => {});
  return true;
}

/** Tells whether every layer has its digest: one after the other. */
export async function verify(layers) {
  for (const { url, digest } of layers) {
    received.init();
    await stream(url, (chunk) => received.update(chunk));
    if (`sha256:${received.digest("hex")}` !== digest) return false;
  }
  return true;
}

/** Tells whether a layer of gzip has its digest and its diff_id; the entries of its archive. */
export async function unpack({ url, digest, diffId }) {
  received.init();
  unpacked.init();
  const archive = new Archive();
  const gunzip = new Gunzip((bytes) => {
    unpacked.update(bytes);
    archive.push(bytes);
  });
  await stream(url, (chunk) => {
    received.update(chunk);
    gunzip.push(chunk);
  });
  gunzip.push(new Uint8Array(0), true);
  const isGood = `sha256:${received.digest("hex")}` === digest && `sha256:${unpacked.digest("hex")}` === diffId;
  return { isGood, entries: archive.entries };
}

const BLOCK = 512;
const decoder = new TextDecoder();

/** Lists the entries of an archive as GNU tar writes it. */
class Archive {
  entries = [];
  #header = new Uint8Array(BLOCK);
  #held = 0;
  /** How many bytes of content are still to come. */
  #rest = 0;
  #longName = null;
  #name = [];

  push(bytes) {
    let at = 0;
    while (at < bytes.length) {
      if (this.#rest > 0) {
        const part = bytes.subarray(at, at + this.#rest);
        if (this.#longName !== null) this.#name.push(part.slice());
        this.#rest -= part.length;
        at += part.length;
        continue;
      }
      const part = bytes.subarray(at, at + BLOCK - this.#held);
      this.#header.set(part, this.#held);
      this.#held += part.length;
      at += part.length;
      if (this.#held === BLOCK) {
        this.#held = 0;
        this.#take(this.#header);
      }
    }
  }

  #take(header) {
    // Two blocks of zeros are the end.
    if (header[0] === 0) return;
    const text = (from, length) => {
      const field = header.subarray(from, from + length);
      const end = field.indexOf(0);
      return decoder.decode(end < 0 ? field : field.subarray(0, end));
    };
    const octal = (from, length) => Number.parseInt(text(from, length), 8) || 0;
    const size = octal(124, 12);
    const type = String.fromCharCode(header[156]);
    if (type === "L") {
      this.#longName = size;
      this.#name = [];
    } else {
      const prefix = text(257, 6) === "ustar" ? text(345, 155) : "";
      const name = this.#longName === null ? (prefix && `${prefix}/`) + text(0, 100) : this.#nameBefore();
      const [mode, user, group, modified] = [octal(100, 8), octal(108, 8), octal(116, 8), octal(136, 12)];
      this.entries.push({ name, type, size, mode, user, group, modified, link: text(157, 100) });
      this.#longName = null;
    }
    this.#rest = Math.ceil(size / BLOCK) * BLOCK;
  }

  #nameBefore() {
    const whole = new Uint8Array(this.#name.reduce((sum, part) => sum + part.length, 0));
    this.#name.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
    return decoder.decode(whole.subarray(0, this.#longName - 1));
  }
}
