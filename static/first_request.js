// @ts-check
// The first request of an inspection that an address names goes out beside the program: what that will ask through the
// proxy. The program takes the answer where it asks the same; what it then does not know, such as a token, it asks for itself.
// In front of this crates/bundle puts what core knows of registries: TOKENS and ACCEPT.

// A reference as it mostly stands in an address; of any other nothing is asked early.
const REFERENCE = /^#\/inspect\/(?!localhost\/)(?:([a-z\d-]+(?:[.:][a-z\d-]+)+)\/)?([a-z\d._/-]+)(?::([\w.-]+)|@(sha256:[a-f\d]{64}))?(?:\?|$)/;

function firstRequest() {
  const [, host = "docker.io", path, tag = "latest", digest = tag] = location.hash.match(REFERENCE) ?? [];
  const isNear = (/** @type {string} */ name) => /^(.*\.)?localhost$|^127(\.\d+){3}$/.test(name.split(":")[0]);
  if (!path || /:443$|\.docker\.io$/.test(host) || (isNear(host) && !isNear(location.hostname)) || !globalThis.waybillCameFromProxy()) return;
  const repository = host === "docker.io" && !path.includes("/") ? `library/${path}` : path;
  /** @type {Record<string, string>} */
  const headers = { "waybill-status": "apart" };
  const token = Object(TOKENS)[host];
  if (!token) headers.accept = ACCEPT;
  const address = token
    ? `${token}&scope=repository:${repository}:pull`
    : `/relay/${isNear(host) ? "http" : "https"}/${host}/v2/${repository}/manifests/${digest}`;
  const stop = new AbortController();
  const redirect = token ? "manual" : "follow";
  const answer = fetch(address, { headers, cache: "no-store", credentials: "omit", redirect, referrerPolicy: "no-referrer", signal: stop.signal });
  answer.catch(() => {});
  return { address, stop, answer };
}

let first = firstRequest();

// The program asks this before its first request: the answer where it asks the same, by GET and with no credentials.
globalThis.waybillFirstAnswer = (/** @type {string} */ address, /** @type {AbortSignal} */ signal) => {
  const asked = first;
  first = undefined;
  if (asked?.address !== address) return asked?.stop.abort();
  signal.onabort = () => asked.stop.abort();
  return asked.answer;
};
