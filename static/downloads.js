// Answers a download with what the page sends: a stream, under the address dl/ID beside this script. It is registered
// only where somebody saves a large file and the browser has no save dialog for pages; it asks nobody for anything, keeps
// nothing, and no other address is its. src/browser/sink/service_worker.rs is its other side.
const announced = new Map();

addEventListener("install", () => skipWaiting());

addEventListener("message", ({ data, ports: [port] }) => {
  // Whoever only says that it still sends keeps this from being ended.
  if (!data) return;
  announced.set(data.id, { ...data, port });
  port.postMessage("announced");
});

addEventListener("fetch", (event) => {
  const id = new URL(event.request.url).pathname.split("/").pop();
  const file = announced.get(id);
  announced.delete(id);
  if (!file) {
    event.respondWith(new Response("There is no such download any more.", { status: 404 }));
    return;
  }
  file.port.postMessage("begun");
  const headers = {
    "content-type": "application/octet-stream",
    "content-length": String(file.size),
    "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
  };
  event.respondWith(new Response(file.stream, { headers }));
});
