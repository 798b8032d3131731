/**
 * Whether prediction intervals cover what they say, as `windtunnel validate --intervals` prints it: 80 columns.
 */
import {
  coverageOfIntervals,
  coverageOfPairs,
  levels,
  type CoverageGroup,
  type IntervalCoverage,
  type PairCoverage,
  type Residual
} from "../intervals/index.ts"
import { pairCoverageText } from "./pair-coverage-text.ts"

const percent = (share: number): string => (Number.isFinite(share) ? (100 * share).toFixed(0) : "-")

const line = (name: string, count: string, sources: string, cells: readonly string[]): string =>
  `  ${name.slice(0, 31).padEnd(32)}${count.padStart(6)}${sources.padStart(8)}${cells.map((text) => text.padStart(8)).join("")}`.trimEnd()

const rowOf = ({ name, cases, sources, covered }: CoverageGroup): string =>
  line(name, String(cases), String(sources), [
    ...covered.map(({ share }) => percent(share)),
    widthOf(covered.at(-1)?.medianWidth ?? Number.NaN)
  ])

/** A half-width of 0.2 is from predicted / 1.2 to predicted * 1.2. */
const widthOf = (width: number): string => `x ${(1 + width).toFixed(2)}`

const heading = (title: string): string =>
  line(title, "cases", "sources", [...levels.map((level) => `${percent(level)} %`), "90 % by"])

export const coverageText = (residuals: readonly Residual[]): string => {
  const { all, groups, sources, open } = coverageOfIntervals(residuals)
  return [
    "measured values inside their interval, in per cent: each source predicted by",
    "constants fitted to the others, its intervals made of the others; then the",
    "median 90 % interval: from predicted / x to predicted * x",
    "",
    heading("what is predicted"),
    rowOf(all),
    line(
      "  mean over sources",
      "",
      "",
      all.covered.map(({ ofSources }) => percent(ofSources))
    ),
    ...groups.map(rowOf),
    "",
    heading("source"),
    ...sources.map(rowOf),
    ...openLines(open),
    "",
    pairCoverageText(coverageOfPairs(residuals))
  ].join("\n")
}

/** What no interval holds for. */
const openLines = (open: IntervalCoverage["open"]): readonly string[] =>
  open === null
    ? []
    : [
        "",
        heading("not counted above"),
        rowOf({ ...open, name: "latencies near a server's limit" }),
        "  there a small error of the capacity is a large one of the queue: such",
        "  intervals have no upper end"
      ]

/** The same as data. */
export const coverageDocument = (
  residuals: readonly Residual[]
): IntervalCoverage & { readonly pairs: PairCoverage } => ({
  ...coverageOfIntervals(residuals),
  pairs: coverageOfPairs(residuals)
})
