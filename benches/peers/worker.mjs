// The same, in one worker.

import * as does from "./check.mjs";

onmessage = async ({ data: [name, given] }) => postMessage(await does[name](given));
postMessage("ready");
