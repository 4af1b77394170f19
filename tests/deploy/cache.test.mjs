// @ts-check
// A real cache in front of the proxy: it keeps what the proxy hashed, and never a page that only stood under a digest's
// address.
//   WAYBILL_PROXY=target/debug/waybill-proxy node --test tests/deploy/cache.test.mjs
import { test } from "node:test";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { emptyFolder, find, proxyProgram, start } from "../e2e/support/programs.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
process.env.PATH = `${process.env.PATH}:/usr/sbin`;
const nginx = find("nginx");
const MANIFEST = '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}';
const DIGEST = `sha256:${createHash("sha256").update(MANIFEST).digest("hex")}`;
const TYPE = "application/vnd.oci.image.index.v1+json";

/** A server that listens on loopback, and its port. */
async function listening(answer) {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { server, port };
}

/** A port that was free a moment ago. */
async function freePort() {
  const { server, port } = await listening(() => {});
  server.close();
  await once(server, "close");
  return port;
}

/** nginx with the front server of deploy/, on http at that port, before the proxy at that address. */
function frontServer(port, proxy) {
  const folder = emptyFolder();
  const site = readFileSync(join(root, "deploy/nginx.conf"), "utf8")
    .replace("listen 443 ssl http2;", `listen 127.0.0.1:${port};`)
    .replace("server 127.0.0.1:8080;", `server ${proxy};`)
    .replace(/^ *ssl_.*\n/gm, "")
    .replaceAll("/var/cache/nginx/waybill", join(folder, "cache"));
  writeFileSync(join(folder, "site.conf"), site);
  const user = process.getuid() === 0 ? "user root;" : "";
  const main = `daemon off; ${user} pid ${folder}/pid; error_log stderr notice; events {} http { access_log off; include ${folder}/site.conf; }`;
  writeFileSync(join(folder, "nginx.conf"), main);
  return start(nginx, ["-p", folder, "-c", join(folder, "nginx.conf")], /start worker process/);
}

test("a cache keeps what was hashed, and no maintenance page", { skip: !nginx && "nginx is not here" }, async (t) => {
  let asked = 0;
  let body = "<html>We are back soon</html>";
  const upstream = await listening((request, response) => {
    asked += 1;
    response.writeHead(200, { "Content-Type": TYPE, "Content-Length": body.length }).end(body);
  });
  t.after(() => upstream.server.close());
  const registry = `127.0.0.1:${upstream.port}`;
  const name = `127.0.0.1:${await freePort()}`;
  const page = join(root, "tests/proxy/page");
  const proxy = await start(
    proxyProgram,
    ["--listen", "127.0.0.1:0", "--dist", page, "--log", "off", "--allow", `http://${registry}`, "--host", name],
    /http:\/\/(127\.0\.0\.1:\d+)/,
  );
  t.after(proxy.stop);
  const front = await frontServer(name.split(":")[1], proxy.ready[1]);
  t.after(front.stop);

  const address = `http://${name}/relay/http/${registry}/v2/a/manifests/${DIGEST}`;
  const get = async () => {
    const answer = await fetch(address, { headers: { Accept: TYPE } });
    return { status: answer.status, kept: answer.headers.get("cache-control"), text: await answer.text() };
  };
  const forever = "public, max-age=31536000, immutable";
  assert.deepEqual(await get(), { status: 200, kept: "no-store", text: body }, "shown as it came, and not kept");
  body = MANIFEST;
  assert.deepEqual(await get(), { status: 200, kept: forever, text: MANIFEST }, "the cache had not kept the page");
  assert.equal(asked, 2);
  body = "<html>We are back soon</html>";
  assert.deepEqual(await get(), { status: 200, kept: forever, text: MANIFEST }, "the cache has the manifest");
  assert.equal(asked, 2, "the registry was not asked again");
});
