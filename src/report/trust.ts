/**
 * How far to trust a prediction: the errors of the nearest measured cases, and where the constants came from.
 */
import type { Evidence } from "../training/index.ts"
import { median } from "../statistics/index.ts"
import { formatPercent } from "../units/index.ts"
import { list, table, text, type Block, type Section } from "./document.ts"
import type { NearestCase } from "./nearest.ts"
import { amount, change, count, listed, words } from "./show.ts"

export const trustText = (nearest: readonly NearestCase[]): string => {
  const errors = nearest.map(({ error }) => Math.abs(error))
  if (errors.length === 0)
    return "No published measurement is near enough to this scenario to say how far it may be off."
  if (errors.length === 1)
    return `The one measured case that is like this was predicted ${formatPercent(errors[0] ?? 0)} off.`
  return `How sure: the ${errors.length} nearest measured cases are predicted ${formatPercent(median(errors))} off in the median, ${formatPercent(Math.max(...errors))} at worst. Expect no better of this one.`
}

/** Beside a key figure. */
export const trustNote = (nearest: readonly NearestCase[]): string | undefined =>
  nearest.length < 2
    ? undefined
    : `nearest measured cases: ${formatPercent(median(nearest.map(({ error }) => Math.abs(error))))} off`

export const trustSection = (nearest: readonly NearestCase[], evidence: readonly Evidence[]): Section => ({
  id: "trust",
  title: "Nearest measured cases",
  blocks: [...casesOf(nearest), ...constantsOf(evidence)]
})

const casesOf = (nearest: readonly NearestCase[]): readonly Block[] =>
  nearest.length === 0
    ? [text("Nobody published a measurement that is like this scenario.")]
    : [
        text(
          "Published measurements most like this scenario, by software, accelerator, size of the model and number of accelerators, each simulated just now by this version. An error above 0 is a prediction that is too slow. The constants were fitted to such measurements, all at once, and to none of them by itself."
        ),
        table(
          "Measured and predicted",
          [
            words("case"),
            words("of"),
            words("metric"),
            amount("measured", ""),
            amount("predicted", ""),
            change("error")
          ],
          nearest.map((one) => [
            one.id,
            `${one.model} on ${one.accelerators} x ${one.accelerator}, ${one.stack}`,
            spelled(one.metric),
            one.measured,
            one.predicted,
            one.error
          ])
        )
      ]

/** "secondsPerIteration" as people write it. */
const spelled = (metric: string): string => metric.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

const meanings = {
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
