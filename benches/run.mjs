// @ts-check
// Takes the measures of each stage and writes the report: node benches/run.mjs STAGE...
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../target/bench/", import.meta.url));
const report = { processors: cpus().map((cpu) => cpu.model), measures: [] };

for (const stage of process.argv.slice(2)) {
  const { default: measures } = await import(new URL(`${stage}.mjs`, import.meta.url).href);
  for (const measure of await measures()) {
    report.measures.push({ stage, ...measure });
    const { name, figure, range, unit, peer, peerFigure, peerRange, ratio, ahead, target } = measure;
    const written = (figure, range) => `${figure} ${unit}${range ? ` (${range.join(" to ")})` : ""}`;
    const beside = peer === null ? "" : `; ${peer}: ${written(peerFigure, peerRange)}, ratio ${ratio}`;
    console.log(`${ahead ? "ahead " : "behind"} ${stage}: ${name}: ${written(figure, range)}${beside} (${target})`);
  }
}
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}report.json`, `${JSON.stringify(report, null, 2)}\n`);
console.log(`${report.measures.filter((measure) => measure.ahead).length} of ${report.measures.length} are ahead`);
