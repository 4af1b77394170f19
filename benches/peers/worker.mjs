// The same, in one worker.

import { unpack, verify } from "./check.mjs";

const does = { verify, unpack };
onmessage = async ({ data: [name, given] }) => postMessage(await does[name](given));
postMessage("ready");
