// @ts-check
// What a measure is, and the arithmetic that all of them share.

/** The middle one of an odd number of figures. */
export const median = (figures) => [...figures].sort((a, b) => a - b)[figures.length >> 1];

/** The figures of several rounds as one: the middle one, and the lowest and highest. */
export const spread = (figures) => ({ figure: median(figures), range: [Math.min(...figures), Math.max(...figures)] });

/**
 * One measure of the report. `peer` is what it is compared with and `peerFigure` that one's figure, taken in the same
 * run and unit; `range` and `peerRange` are the lowest and highest of the rounds, where there were some. What is aimed at
 * is one of `atMost` and `atLeast` for the figure, `ratioAtMost` and `ratioAtLeast` for figure / peerFigure.
 */
export function measure({ name, figure, range = null, unit, peer = null, peerFigure = null, peerRange = null, ...aim }) {
  const ratio = peerFigure === null ? null : figure / peerFigure;
  const [[kind, bound]] = Object.entries(aim);
  const [value, words] = kind.startsWith("ratio") ? [ratio, `times ${peer}`] : [figure, unit];
  const most = kind.endsWith("Most");
  if (!most && !kind.endsWith("Least")) throw new Error(`${name} aims at ${kind}`);
  const ahead = value !== null && (most ? value <= bound : value >= bound);
  const rounded = (number) => (number === null ? null : Number(number.toPrecision(4)));
  return {
    name,
    figure: rounded(figure),
    range: range?.map(rounded) ?? null,
    unit,
    peer,
    peerFigure: rounded(peerFigure),
    peerRange: peerRange?.map(rounded) ?? null,
    ratio: rounded(ratio),
    ahead,
    target: `at ${most ? "most" : "least"} ${bound} ${words}`,
  };
}
