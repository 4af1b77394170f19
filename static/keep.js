// @ts-check
// Has the browser keep the page for when there is no network (offline.js does that), and tells where a newer one is kept than
// the one that is shown. boot.js asks for it once the page has been there for a while, since what it needs comes first.

const { offline = "", script = "" } = /** @type {HTMLElement} */ (document.querySelector('meta[name="waybill"]')).dataset;

/** Tells of a newer page: what is kept last names another program. */
async function look(/** @type {ServiceWorkerRegistration} */ registration) {
  const page = await caches.match(registration.scope);
  const newer = document.getElementById("newer");
  if (newer) newer.hidden = !page || (await page.text()).includes(script);
}

async function keep() {
  const workers = navigator.serviceWorker;
  if (!workers || /** @type {any} */ (navigator).connection?.saveData) return;
  const address = new URL(offline, document.baseURI).href;
  // The content policy takes addresses of scripts by this alone, and it makes nothing else.
  const types = /** @type {any} */ (globalThis).trustedTypes?.createPolicy("offline", { createScriptURL: () => address });
  // Where the server is gone, what was registered before stands.
  const known = () => workers.getRegistration();
  const registration = await workers.register(types?.createScriptURL(address) ?? address).catch(known);
  if (!registration) return;
  const watch = () => {
    const { installing } = registration;
    installing?.addEventListener("statechange", () => installing.state === "installed" && look(registration));
  };
  registration.addEventListener("updatefound", watch);
  watch();
  const update = () => registration.update().catch(() => {});
  document.addEventListener("visibilitychange", () => document.hidden || update());
  // One that was there before this could hear of it. It may be older than the page, which comes from the server.
  if (registration.waiting) {
    await update();
    if (!registration.installing) await look(registration);
  }
}

// Where the browser keeps nothing, in a private window for instance, the page is as it was.
keep().catch(() => {});
