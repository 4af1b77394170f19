// Keeps the page for when there is no network, or no server: its own files, whose names tell what is in them, and the page
// that names them. No other address is this script's: what registries and the proxy answer goes its own way, so nothing of
// it can be kept. keep.js registers it; scripts/bundle/build.mjs puts the list in.
const FILES = __FILES__;
const CACHE = "waybill";
/** How long a server may take to send the page before the one that is kept is shown, in milliseconds. */
const WAIT_MS = 4000;

const NAMED_BY_CONTENT = /^[\w-]+-[\da-f]{16}(_bg)?\.\w+$/;
const scope = () => registration.scope;

/** The name of a file beside the page; "" is the page. Undefined of any other address. */
function nameOf(address) {
  const { href, search } = new URL(address);
  const name = href.startsWith(scope()) && !search ? href.slice(scope().length).split("#")[0] : "/";
  return name.includes("/") ? undefined : name;
}

addEventListener("install", (event) => {
  // All else goes past this script: a browser holds a body that was sent for as long as this one has not collected its
  // garbage, which grew to a gigabyte where an image was pushed. One that knows no such routes asks, and is not answered.
  const { pathname } = new URL(scope());
  const own = { urlPattern: { pathname: `${pathname}{:name}?` } };
  event.addRoutes?.({ condition: { not: own }, source: "network" }).catch(() => {});
  event.waitUntil(keep());
});

// What an older version has kept is there already, and stays for its pages until the last of them is closed.
async function keep() {
  const cache = await caches.open(CACHE);
  for (const name of FILES) {
    const request = new Request(name, { priority: "low" });
    if (!(await cache.match(request))) await cache.add(request);
  }
  const page = await fetch(scope(), { cache: "no-cache" });
  const text = await page.clone().text();
  // Another version may have come to the server meanwhile: a page whose files are not here is worth nothing.
  if (!page.ok || !FILES.filter((name) => name.startsWith("waybill-")).every((name) => text.includes(name))) {
    throw new Error("the page is another one by now");
  }
  await cache.put(scope(), page);
}

addEventListener("activate", (event) => event.waitUntil(begin()));

async function begin() {
  const cache = await caches.open(CACHE);
  const kept = new Set(["", ...FILES]);
  for (const { url } of await cache.keys()) {
    if (!kept.has(nameOf(url))) await cache.delete(url);
  }
  await clients.claim();
}

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const name = nameOf(request.url);
  if (request.mode === "navigate" && name === "") event.respondWith(page(request));
  else if (name && NAMED_BY_CONTENT.test(name)) event.respondWith(file(request));
});

async function file(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request.url)) ?? fetch(request);
}

/** The page from the server, as it may be newer; where that does not send it, the one that is kept. */
async function page(request) {
  const cache = await caches.open(CACHE);
  const late = new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  const answer = fetch(request).catch(() => undefined);
  const first = await Promise.race([answer, late]);
  if (first?.ok) return first;
  return (await cache.match(scope())) ?? (await answer) ?? Response.error();
}
