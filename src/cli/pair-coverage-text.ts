/**
 * How much of two predictions' errors cancels in their ratio, and whether a plan's "better in 9 of 10" holds: the second half of
 * `windtunnel validate --intervals`.
 */
import type { CoverageGroup, OrderGroup, PairCoverage, SpreadGroup } from "../intervals/index.ts"
import { formatCount } from "../units/index.ts"
import { columns, paragraph } from "./wrapping.ts"

const percent = (share: number): string => (Number.isFinite(share) ? (100 * share).toFixed(0) : "-")

const line = (name: string, cells: readonly string[]): string =>
  `  ${name.slice(0, 31).padEnd(32)}${cells.map((text, index) => text.padStart(index === 0 ? 6 : 8)).join("")}`.trimEnd()

const spreadRow = ({ name, pairs, sources, spreads }: SpreadGroup): string =>
  line(name, [
    formatCount(pairs),
    String(sources),
    ...spreads.map(({ error }) => (Number.isFinite(error) ? (100 * error).toFixed(1) : "-"))
  ])

const coveredRow = ({ name, cases, sources, covered }: CoverageGroup): string =>
  line(name, [
    formatCount(cases),
    String(sources),
    ...covered.map(({ share }) => percent(share)),
    `x ${(1 + (covered.at(-1)?.medianWidth ?? Number.NaN)).toFixed(2)}`
  ])

const orderRow = ({ from, to, pairs, sources, stated, right }: OrderGroup): string =>
  line(`said ${percent(from)} to ${percent(to)} %`, [
    formatCount(pairs),
    String(sources),
    percent(stated),
    percent(right)
  ])

const levelsOf = (unit: string): readonly string[] => [
  "pairs",
  "sources",
  ...["50", "80", "90"].map((at) => `${at}${unit}`)
]

export const pairCoverageText = ({ shared, differing, covered, order }: PairCoverage): string =>
  [
    ...paragraph(
      "Two predictions share errors, which cancel in their ratio. Measured over predicted ratio of two trainings: in per cent, what 50, 80 and 90 of 100 pairs stay below, by what both share",
      columns
    ),
    "",
    line("both have", levelsOf(" %")),
    ...shared.map(spreadRow),
    "",
    line("layouts of one work differ in", levelsOf(" %")),
    ...differing.filter(({ pairs }) => pairs > 0).map(spreadRow),
    "",
    ...paragraph(
      "Ratios inside their spread, in per cent, the spread made of the pairs of other sources; and how often the layout predicted faster was measured faster, beside the chance that was stated",
      columns
    ),
    "",
    line("ratio of two", [...levelsOf(" %"), "90 % by"]),
    ...covered.map(coveredRow),
    "",
    line("the better of two layouts", ["pairs", "sources", "said", "right"]),
    ...order.map(orderRow)
  ].join("\n")
