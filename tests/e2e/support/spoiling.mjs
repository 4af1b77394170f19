// @ts-check
// A front before a registry that spoils blobs on their way.

import { once } from "node:events";
import { createServer, request as ask } from "node:http";
import { portOf } from "./programs.mjs";

/**
 * Passes everything on to `behind`, but for the blobs that it is told to spoil, by their digest:
 *
 * - `wrong`: a byte in the middle is another one.
 * - `cut`: the connection ends in the middle; `times` says how often.
 * - `whole`: `Range` is ignored, and the connection ends in the middle once.
 * - `forbidden`: 403, in the registry's own words.
 * - `encoded`: the answer says `Content-Encoding: gzip` of what is compressed already, so a browser unpacks it.
 * - `held`: it stands still in the middle until `release()`.
 * - `elsewhere`: the answer is a redirect to the registry itself, as one gives whose blobs lie in a storage of their own.
 *
 * `goAway()` ends every connection and takes none any more, until `comeBack()`.
 *
 * `asked(digest)` lists the `Range` of each GET of that blob, in order; undefined where it had none.
 */
export async function spoilingFront(behind) {
  const [hostname, port] = behind.host.split(":");
  const spoilt = new Map();
  const gets = [];
  let waiting = [];
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    const digest = url.match(/\/blobs\/(sha256:[\da-f]{64})/)?.[1];
    const spoil = method === "GET" ? spoilt.get(digest) : undefined;
    if (method === "GET" && digest) gets.push({ digest, range: headers.range });
    if (spoil?.how === "forbidden") {
      const error = { errors: [{ code: "DENIED", message: "this layer is not for you" }] };
      response.writeHead(403, { "content-type": "application/json", "access-control-allow-origin": "*" });
      return response.end(JSON.stringify(error));
    }
    if (spoil?.how === "elsewhere") {
      response.writeHead(307, { location: `http://${behind.host}${url}`, "access-control-allow-origin": "*" });
      return response.end();
    }
    const passed = { ...headers };
    if (spoil?.how === "whole") delete passed.range;
    const onward = ask({ hostname, port, method, path: url, headers: passed }, (answer) => {
      const chunks = [];
      if (!spoil || answer.statusCode >= 300) {
        response.writeHead(answer.statusCode, answer.headers);
        return answer.pipe(response);
      }
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.on("end", () => spoilBody(spoil, answer, Buffer.concat(chunks), response));
    });
    onward.on("error", () => request.socket.destroy());
    request.pipe(onward);
  });

  function spoilBody(spoil, answer, body, response) {
    const headers = { ...answer.headers };
    const half = body.length >> 1;
    if (spoil.how === "encoded") headers["content-encoding"] = "gzip";
    response.writeHead(answer.statusCode, headers);
    if (spoil.how === "wrong") body[half] ^= 1;
    const isCut = ["cut", "whole"].includes(spoil.how) && spoil.times > 0;
    if (isCut) {
      spoil.times -= 1;
      // What was written has left before the connection ends.
      return response.write(body.subarray(0, half), () => response.socket.end());
    }
    if (spoil.how === "held" && !spoil.isReleased) {
      response.write(body.subarray(0, half));
      waiting.push(() => response.end(body.subarray(half)));
      return undefined;
    }
    return response.end(body);
  }

  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  await once(server.listen(0, "127.0.0.1"), "listening");
  const listening = portOf(server);
  return {
    host: `127.0.0.1:${listening}`,
    spoil: (digest, how, times = 1) => spoilt.set(digest, { how, times }),
    mend: (digest) => spoilt.delete(digest),
    asked: (digest) => gets.filter((one) => one.digest === digest).map((one) => one.range),
    release: () => {
      spoilt.forEach((spoil) => (spoil.isReleased = true));
      waiting.forEach((goOn) => goOn());
      waiting = [];
    },
    goAway: stop,
    comeBack: () => once(server.listen(listening, "127.0.0.1"), "listening"),
    stop,
  };
}
