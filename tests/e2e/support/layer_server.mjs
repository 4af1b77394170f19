// @ts-check
// Layers made here, and a registry of one layer that counts its requests, cuts them and holds them back.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { digestOf } from "./images.mjs";
import { emptyFolder, portOf, run } from "./programs.mjs";

/** A layer of one file of so many bytes, half of them random, as tar and gzip write it; its digest and diff_id. */
export async function gzipLayer(size) {
  const folder = emptyFolder();
  writeFileSync(path.join(folder, "file"), Buffer.concat([randomBytes(size / 2), Buffer.alloc(size / 2)]));
  const archive = await run("tar", ["-C", folder, "-cf", "-", "file"]);
  const bytes = gzipSync(archive, { level: 1 });
  return { bytes, digest: digestOf(bytes), diffId: digestOf(archive), unpacked: archive.length };
}

/** What writes a layer of one file of so many zeros, which is never whole anywhere. */
export function hugeLayer(size) {
  const folder = emptyFolder();
  writeFileSync(path.join(folder, "file"), "");
  truncateSync(path.join(folder, "file"), size);
  return () => spawn("tar", ["-C", folder, "-cf", "-", "file"], { stdio: ["ignore", "pipe", "ignore"] });
}

/**
 * Serves `bytes` to any page. `plan` says of the next request only: `cut`, behind how many bytes the connection breaks;
 * `stall`, behind how many it brings nothing more; `ranges: false`, that it ignores ranges. `requests` has the range of
 * each so far, `alive()` how many connections are open, `closed()` when the last of them was closed.
 *
 * @param {Buffer} bytes
 */
export async function layerServer(bytes) {
  const open = new Set();
  let closed = 0;
  const server = createServer((request, response) => {
    const { cut, stall, ranges = true, status } = self.plan;
    self.plan = {};
    self.requests.push(request.headers.range);
    open.add(response);
    response.once("close", () => {
      open.delete(response);
      closed = Date.now();
    });
    response.setHeader("access-control-allow-origin", "*");
    if (status) return response.writeHead(status).end('{"errors":[{"code":"DENIED"}]}');
    const [, from] = (ranges && request.headers.range?.match(/^bytes=(\d+)-$/)) || [null, "0"];
    const rest = bytes.subarray(Number(from));
    const isPart = ranges && request.headers.range;
    response.writeHead(isPart ? 206 : 200, { "content-length": rest.length });
    if (stall !== undefined) return response.write(rest.subarray(0, stall));
    if (cut === undefined) return response.end(rest);
    return response.write(rest.subarray(0, cut), () => response.socket?.destroy());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const self = {
    host: `127.0.0.1:${portOf(server)}`,
    /** @type {any} */
    plan: {},
    /** @type {(string | undefined)[]} */
    requests: [],
    alive: () => open.size,
    closed: () => closed,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
  return self;
}

/** Serves what a program writes to any page. */
export async function streamServer(start) {
  const server = createServer((_, response) => {
    response.writeHead(200, { "access-control-allow-origin": "*" });
    const child = start();
    child.stdout.pipe(response);
    response.once("close", () => child.kill());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { host: `127.0.0.1:${portOf(server)}`, stop };
}
