// @ts-check
// A front before a real registry that counts what passes, and cuts or holds it where it is told to.

import { once } from "node:events";
import { createServer, request as ask } from "node:http";
import { portOf } from "./programs.mjs";
import { until } from "./view.mjs";

/**
 * Passes everything on to `behind`.
 *
 * `cut(number, side)`: behind the request of that number, counted from 0 since then, nobody gets through. Of that one the
 * registry sees nothing with `"request"`; with `"answer"` it does what it was asked, and the answer is lost.
 * `hold(number)`: from that request on they wait; `held()` says how many do. `mend()` lets everything through again.
 */
export async function cuttingFront(behind) {
  const [hostname, port] = behind.host.split(":");
  let plan = {};
  let seen = 0;
  const held = new Set();
  const begin = (next) => ([plan, seen] = [next, 0]);

  const pass = (request, response, isLost) => {
    if (request.socket.destroyed) return;
    const { method, url, headers } = request;
    const onward = ask({ hostname, port, method, path: url, headers }, (answer) => {
      if (isLost) return request.socket.destroy();
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => request.socket.destroy());
    request.pipe(onward);
  };
  const server = createServer((request, response) => {
    const number = seen++;
    if (number >= plan.hold) {
      const later = () => pass(request, response);
      held.add(later);
      return response.once("close", () => held.delete(later));
    }
    const isLast = number === plan.cut;
    if (number > plan.cut || (isLast && plan.side === "request")) return request.socket.destroy();
    return pass(request, response, isLast);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    host: `127.0.0.1:${portOf(server)}`,
    cut: (number, side) => begin({ cut: number, side }),
    hold: (number) => begin({ hold: number }),
    held: () => held.size,
    mend: () => {
      begin({});
      held.forEach((later) => later());
    },
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Waits until a front holds a request. */
export const untilHeld = (/** @type {{ held: () => number }} */ front) =>
  until(
    () => front.held(),
    (count) => count > 0,
    "a request at the front",
  );
