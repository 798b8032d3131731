/**
 * How far to trust a prediction: its intervals, the nearest measured cases, and where the constants came from.
 */
import { find, isUnknownName } from "../catalog/index.ts"
import { basisText, levels, type PredictionInterval, type Residual } from "../intervals/index.ts"
import type { Evidence } from "../training/index.ts"
import { list, table, text, type Block, type Section } from "./document.ts"
import { amount, change, count, listed, share, words } from "./show.ts"

/** A sentence for the first page. */
export const trustText = (interval: PredictionInterval | undefined): string =>
  `How sure: ${basisText(interval?.basis)}.${interval === undefined ? "" : " Unseen: by constants that the case's source had no part in. A 90 % interval is made to hold 90 of 100 measured values."}`

interface Sure {
  readonly nearest: readonly Residual[]
  readonly evidence: readonly Evidence[]
  /** What an interval was made for: "an iteration". */
  readonly intervals: readonly (readonly [of: string, interval: PredictionInterval | undefined])[]
}

export const trustSection = ({ nearest, evidence, intervals }: Sure): Section => ({
  id: "trust",
  title: "How sure this is",
  blocks: [...intervalBlocks(intervals), ...casesOf(nearest), ...constantsOf(evidence)]
})

const intervalBlocks = (intervals: Sure["intervals"]): readonly Block[] => {
  const known = intervals.flatMap(([of, interval]) => (interval === undefined ? [] : [{ of, interval }]))
  if (known.length === 0) return [text("Nobody published a measurement that says how far off this may be.")]
  const far = known.some(({ interval }) => interval.basis.isFar)
  return [
    text(
      `Between what a measured value lies: conformal prediction from published measurements of the same kind, weighted by likeness (software, accelerator, size and kind of the model, number of accelerators, kind of load), each predicted by constants that its own source had no part in. The command windtunnel validate --intervals prints how often such intervals hold.${far ? " This scenario is further from every measurement than these are from each other: its interval grows with the distance, by a rule that nobody could test." : ""}`
    ),
    table(
      "Prediction intervals",
      [
        words("of"),
        ...levels.map((level) => ({ name: `${Math.round(100 * level)} %`, unit: "factor", show: factor })),
        count("nearest cases"),
        count("sources"),
        share("median error")
      ],
      known.map(({ of, interval: { bands, basis } }) => [
        of,
        ...levels.map((level) => bands.find((band) => band.level === level)?.factor ?? null),
        basis.cases,
        basis.sources,
        basis.medianError
      ])
    )
  ]
}

/** "× or ÷ 1.22": from the predicted value over it to the value times it. */
const factor = (value: number): string => `× or ÷ ${value.toFixed(2)}`

const casesOf = (nearest: readonly Residual[]): readonly Block[] =>
  nearest.length === 0
    ? []
    : [
        text(
          "The published measurements most like this scenario, four of a source at most. An error above 0 is a prediction that is too slow; the second one is by constants that the source had no part in."
        ),
        table(
          "Measured and predicted",
          [
            words("case"),
            words("of"),
            amount("measured", ""),
            amount("predicted", ""),
            change("error"),
            change("without its source")
          ],
          nearest.map((one) => {
            const [unit, scale] = unitOf(one.metric)
            return [
              one.id,
              `${one.model} on ${one.accelerators} x ${titleOf(one.accelerator.name)}, ${one.stack}: ${unit}`,
              one.measured / scale,
              one.predicted / scale,
              Math.expm1(-one.error),
              Math.expm1(-one.leftOut)
            ]
          })
        )
      ]

const titleOf = (name: string): string => {
  const found = find("accelerators", name)
  return isUnknownName(found) ? name : found.title.replace(/^(?:NVIDIA|AMD|Intel|Apple) /, "")
}

/** A metric as people write it, and the unit that its numbers are shown in. */
const unitOf = (metric: string): readonly [name: string, scale: number] =>
  metric === "flopsPerAccelerator"
    ? ["TFLOP/s per accelerator", 1e12]
    : [metric.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replaceAll("_", " "), 1]

const meanings = {
  calibrated: "calibrated here",
  measured: "measured",
  fitted: "fitted to measurements",
  published: "published",
  "data-sheet": "from data sheets",
  assumed: "assumed"
} as const

const constantsOf = (evidence: readonly Evidence[]): readonly Block[] => {
  const origins = (Object.keys(meanings) as readonly (keyof typeof meanings)[]).map((origin) => ({
    origin,
    names: evidence.filter(({ constant }) => constant.origin === origin).map(({ name }) => name)
  }))
  const assumed = origins.find(({ origin }) => origin === "assumed")?.names ?? []
  return [
    table(
      "Constants that mattered, by origin",
      [words("origin"), count("constants")],
      origins.filter(({ names }) => names.length > 0).map(({ origin, names }) => [meanings[origin], names.length])
    ),
    ...(assumed.length === 0 ? [] : [list([`Nobody measured: ${listed(assumed)}.`])])
  ]
}
