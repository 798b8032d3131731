/**
 * A sensitivity on a terminal: what buys most in a sentence, then a row a resource with a bar to the side it moves.
 */
import { remarksOf, sentenceOf, type Effect, type Response, type SensitivityOutcome } from "../planner/index.ts"
import { formatFigures } from "../units/index.ts"
import { columns, paragraph } from "./wrapping.ts"

const barWidth = 10
const nameWidth = 20
/** Objectives in columns of their own, beside the first. */
const beside = 2

/** "+3.1 %": changes below a twentieth of a per cent are none. */
export const changeOf = (change: number | null): string => {
  if (change === null) return "-"
  const percent = 100 * change
  const text = Math.abs(percent) >= 99.95 ? percent.toFixed(0) : percent.toFixed(1)
  return Number(text) === 0 ? "0 %" : `${percent > 0 ? "+" : ""}${text} %`
}

const elasticityText = (response: Response | undefined): string => {
  const elasticity = response?.elasticity ?? null
  if (elasticity === null) return "-"
  const text = elasticity.toFixed(2)
  return Number(text) === 0 ? "0" : text
}

/** Left of the line what gets less, right of it what gets more. */
const barOf = (elasticity: number | null, largest: number): string => {
  const size = elasticity === null || largest === 0 ? 0 : Math.round((Math.abs(elasticity) / largest) * barWidth)
  const blank = " ".repeat(barWidth)
  return (elasticity ?? 0) < 0
    ? `${"#".repeat(size).padStart(barWidth)}|${blank}`
    : `${blank}|${"#".repeat(size).padEnd(barWidth)}`
}

const per = (by: number): string => `${formatFigures(100 * by)} %`

/** How far a resource was moved where that was not as far as the others. */
const stepText = ({ more, less }: Effect, by: number): string => {
  const isUsual = Math.abs(more - (1 + by)) < by / 2 && less !== null
  return isUsual ? "" : `x${formatFigures(more)}`
}

/** Words in lines; a number stays with its unit. */
const lines = (text: string): readonly string[] =>
  paragraph(text.replaceAll(/(\d) (?=[%A-Z])/g, "$1\u00A0"), columns).map((line) => line.replaceAll("\u00A0", " "))

const marks: Readonly<Record<Response["shape"], string>> = { smooth: "", bend: "bend", step: "step", none: "none" }

export const sensitivityText = (title: string, outcome: SensitivityOutcome): string => {
  const { effects, objectives, by } = outcome.sensitivity
  const [first, ...others] = objectives
  if (first === undefined) return title
  const shown = others.slice(0, beside)
  const largest = Math.max(...effects.map(({ responses }) => Math.abs(responses[0]?.elasticity ?? 0)))
  const cells = (name: string, bar: string, values: readonly string[], mark: string): string =>
    `${name.padEnd(nameWidth)}${bar} ${values.map((value, index) => value.padStart(index < 3 ? 8 : 7)).join("")}  ${mark}`
      .trimEnd()
      .slice(0, columns)
  const head = cells(
    first.title,
    " ".repeat(2 * barWidth + 1),
    ["for 1 %", `+${per(by)}`, `-${per(by / (1 + by))}`],
    ""
  )
  return [
    ...lines(title),
    ...lines(sentenceOf(outcome)),
    "",
    head,
    ...effects.map((effect) => {
      const [response] = effect.responses
      const mark = response === undefined ? "" : marks[response.shape]
      return cells(
        effect.title,
        barOf(response?.elasticity ?? null, largest),
        [elasticityText(response), changeOf(response?.withMore ?? null), changeOf(response?.withLess ?? null)],
        [stepText(effect, by), mark].filter((word) => word !== "").join(" ")
      )
    }),
    "",
    ...(shown.length === 0
      ? []
      : [
          `${"for 1 % of".padEnd(nameWidth)}${shown.map(({ title: name }) => name.padStart(14)).join("")}`,
          ...effects.map(
            ({ title: name, responses }) =>
              `${name.padEnd(nameWidth)}${shown.map((_, index) => elasticityText(responses[index + 1]).padStart(14)).join("")}`
          ),
          ""
        ]),
    ...remarksOf(outcome).flatMap(lines)
  ].join("\n")
}
