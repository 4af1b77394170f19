// @ts-check
// The proxy beside nginx's proxy_pass and Go's ReverseProxy: the same upstream (nginx serving files), the same load
// (wrk), on loopback, in turns, so that what else the machine does falls on all of them. Logs are off for all.
// Go's proxy takes part where Go is there. Programs: nginx, wrk, curl, and the proxy as it is released.

import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createServer } from "node:net";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { portOf, releasedProxy, start } from "../tests/e2e/support/programs.mjs";
import { measure, median } from "./measure.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const ROUNDS = 7;
const DIGEST = `sha256:${"0".repeat(64)}`;
const MANIFEST = "x".repeat(2048);
const MANIFEST_DIGEST = `sha256:${createHash("sha256").update(MANIFEST).digest("hex")}`;
const MIB = 1024 * 1024;
// Where Debian and Go's own installer put them, beside PATH.
const PATH = [process.env.PATH, "/usr/sbin", "/usr/local/go/bin"].join(path.delimiter);
const run = async (name, ...args) =>
  (await promisify(execFile)(name, args, { env: { ...process.env, PATH }, maxBuffer: MIB })).stdout;

export default async function measures() {
  const folder = mkdtempSync(path.join(tmpdir(), "waybill-bench-"));
  chmodSync(folder, 0o755); // Started by root, nginx reads as nobody.
  const servers = [];
  try {
    const upstream = await startUpstream(folder, servers);
    const proxies = {
      waybill: await startWaybill(upstream, servers),
      nginx: await startNginx(folder, upstream, servers),
      go: await startGo(folder, upstream, servers),
    };
    const names = Object.keys(proxies).filter((name) => proxies[name]);
    const manifest = `/v2/a/manifests/${MANIFEST_DIGEST}`;
    const blob = `/v2/a/blobs/${DIGEST}`;
    const places = [["direct", upstream], ...names.map((name) => [name, proxies[name]])];

    const rates = await inTurns(places.slice(1), (url) => wrk(url + manifest, 16, "2s").then((load) => load.rate));
    const waits = await inTurns(places, (url) => wrk(url + manifest, 1, "1s").then((load) => load.p50));
    const speeds = await inTurns(places.slice(1), (url) => wrk(url + blob, 1, "2s").then((load) => load.mibs));
    const added = Object.fromEntries(names.map((name) => [name, waits[name] - waits.direct]));

    const fresh = [];
    const alone = await startWaybill(upstream, fresh);
    await run("curl", "--silent", "--fail", "--output", "/dev/null", `${alone}/v2/a/blobs/${DIGEST.replace(/0$/, "1")}`);
    const peak = Number(readFileSync(`/proc/${fresh[0].pid}/status`, "utf8").match(/VmHWM:\s+(\d+)/)[1]) / 1024;
    servers.push(...fresh);

    const list = [];
    for (const peer of names.filter((name) => name !== "waybill")) {
      const title = { nginx: "nginx proxy_pass", go: "Go's ReverseProxy" }[peer];
      const beside = (name, unit, of, aim) =>
        list.push(measure({ name, figure: of.waybill, unit, peer: title, peerFigure: of[peer], ...aim }));
      const aim = { ratioAtLeast: peer === "go" ? 1.5 : 0.8 };
      beside("requests a second, 16 connections", "1/s", rates, aim);
      beside("a blob of 256 MiB", "MiB/s", speeds, aim);
      beside("added to the median wait, one connection", "us", added, { ratioAtMost: 1 });
    }
    list.push(measure({ name: "peak memory while 1 GiB streams", figure: peak, unit: "MiB", atMost: 16 }));
    return list;
  } finally {
    for (const server of servers.reverse()) await server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The median of each place's figures, measured in turns. */
async function inTurns(places, figure) {
  const figures = Object.fromEntries(places.map(([name]) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, url] of places) figures[name].push(await figure(url));
  }
  return Object.fromEntries(Object.entries(figures).map(([name, all]) => [name, median(all)]));
}

async function wrk(url, connections, time) {
  const text = await run("wrk", "--threads", "1", "--connections", `${connections}`, "--duration", time, "--latency", url);
  if (/Non-2xx|Socket errors: (?!connect 0, read 0, write 0, timeout 0)/.test(text)) throw new Error(`${url}\n${text}`);
  const [, p50, unit] = text.match(/50%\s+([\d.]+)(us|ms|s)/);
  const [, bytes, scale] = text.match(/Transfer\/sec:\s+([\d.]+)(K|M|G)B/);
  return {
    rate: Number(text.match(/Requests\/sec:\s+([\d.]+)/)[1]),
    p50: Number(p50) * { us: 1, ms: 1e3, s: 1e6 }[unit],
    mibs: Number(bytes) * { K: 1 / 1024, M: 1, G: 1024 }[scale],
  };
}

async function startUpstream(folder, servers) {
  const files = path.join(folder, "files/v2/a");
  for (const kind of ["manifests", "blobs"]) mkdirSync(path.join(files, kind), { recursive: true });
  writeFileSync(path.join(files, "manifests", MANIFEST_DIGEST), MANIFEST);
  for (const [name, size] of /** @type {const} */ ([[DIGEST, 256 * MIB], [DIGEST.replace(/0$/, "1"), 1024 * MIB]])) {
    writeFileSync(path.join(files, "blobs", name), "");
    truncateSync(path.join(files, "blobs", name), size);
  }
  const location = `location / { root ${folder}/files; default_type application/octet-stream; }`;
  return startNginxWith(folder, "upstream", () => location, servers);
}

const startNginx = (folder, upstream, servers) =>
  startNginxWith(
    folder,
    "proxy",
    () => `location / {
      proxy_pass http://upstream; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_max_temp_file_size 0;
    }`,
    servers,
    `upstream upstream { server ${new URL(upstream).host}; keepalive 64; }`,
  );

async function startNginxWith(folder, name, location, servers, upstream = "") {
  const port = await freePort();
  const file = path.join(folder, `${name}.conf`);
  writeFileSync(
    file,
    `daemon off; worker_processes auto; pid ${folder}/${name}.pid; error_log stderr crit;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 1000000000; sendfile on; tcp_nopush on;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder}/${name}-${kind};`).join(" ")}
  ${upstream}
  server { listen 127.0.0.1:${port}; ${location()} }
}`,
  );
  // Its workers end with their master only where that is told to end.
  const child = spawn("nginx", ["-p", folder, "-c", file], { stdio: "inherit", env: { ...process.env, PATH } });
  servers.push({ kill: () => child.kill("SIGTERM") });
  return answering(`http://127.0.0.1:${port}`);
}

async function startWaybill(upstream, servers) {
  const limits = ["rate", "burst"].flatMap((name) => [`--client-${name}`, "1000000000"]);
  const args = ["--listen", "127.0.0.1:0", "--dist", path.join(root, "tests/proxy/page"), "--log", "off"];
  const server = await start(releasedProxy, [...args, ...limits, "--allow", upstream], /Waybill is at (http:\/\/[^/]+)\//);
  servers.push(server);
  return `${server.ready[1]}/relay/http/${new URL(upstream).host}`;
}

async function startGo(folder, upstream, servers) {
  try {
    await run("go", "version");
  } catch {
    return undefined;
  }
  const built = path.join(folder, "reverseproxy");
  await run("go", "build", "-o", built, path.join(root, "benches/reverseproxy.go"));
  const server = await start(built, [upstream], /listening on (.*)\n/);
  servers.push(server);
  return `http://${server.ready[1]}`;
}

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const port = portOf(server);
      server.close(() => resolve(port));
    });
  });

async function answering(url) {
  for (let left = 200; ; left--) {
    try {
      await fetch(url);
      return url;
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
