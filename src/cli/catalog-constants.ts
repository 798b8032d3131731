/**
 * The constants behind every prediction: value, interval, how many measurements, how well they are met, and the source.
 */
import type { Constant } from "../catalog/index.ts"
import { formatFigures, formatPercent, formatSeconds } from "../units/index.ts"
import { hanging, paragraph } from "./wrapping.ts"

export interface NamedConstant {
  readonly key: string
  readonly constant: Constant
}

const origins = ["fitted", "measured", "published", "data-sheet", "assumed"] as const

/** How many constants have which origin: "60 fitted constants, 11 published, 2 assumed". */
export const originsText = (constants: readonly NamedConstant[]): string =>
  origins
    .map((origin) => ({ origin, count: countOf(constants, origin) }))
    .filter(({ origin, count }) => origin === "fitted" || count > 0)
    .map(({ origin, count }) =>
      origin === "fitted" ? `${count} fitted constant${count === 1 ? "" : "s"}` : `${count} ${origin}`
    )
    .join(", ")

export const countOf = (constants: readonly NamedConstant[], origin: Constant["origin"]): number =>
  constants.filter(({ constant }) => constant.origin === origin).length

/** Whose constant it is: a key without its last name, or without `gemm` and the number format. */
const ownerOf = (key: string): string => /^(.*?)\.(?:gemm\.)?[^.]+$/.exec(key)?.[1] ?? key

/** Seconds are the only unit that a constant has; the others are shares, factors and bytes an element. */
const shown = (key: string, value: number): string =>
  /launch(?:\.\w+)?$|seconds/i.test(key) ? formatSeconds(value) : formatFigures(value)

const line = (name: string, ...cells: readonly [string, string, string, string, string]): string => {
  const [value, interval, points, residual, source] = cells
  return `${name.padEnd(28)}${value.padStart(9)}  ${interval.padEnd(18)}${points.padStart(6)}${residual.padStart(8)}${source.padStart(6)}`.trimEnd()
}

const constantLine = ({ key, constant }: NamedConstant, owner: string, sources: readonly string[]): string => {
  const { value, interval, points, residual, origin, source } = constant
  return line(
    `  ${key.slice(owner.length + 1)}`,
    shown(key, value),
    interval === undefined ? "" : interval.map((end) => shown(key, end)).join(".."),
    points === undefined ? "" : String(points),
    residual === undefined ? "" : formatPercent(residual),
    `[${sources.indexOf(`${origin}: ${source}`) + 1}]`
  )
}

/** A table of all constants by their owner, 80 columns wide; sources are numbered and listed below. */
export const constantsText = (constants: readonly NamedConstant[]): string => {
  const sources = [...new Set(constants.map(({ constant: { origin, source } }) => `${origin}: ${source}`))]
  const owners = [...new Set(constants.map(({ key }) => ownerOf(key)))].sort()
  return [
    originsText(constants),
    "",
    line("", "value", "80 % interval", "n", "error", "from"),
    ...owners.flatMap((owner) =>
      [owner].concat(
        constants.filter(({ key }) => ownerOf(key) === owner).map((one) => constantLine(one, owner, sources))
      )
    ),
    "",
    ...paragraph("n: measurements that the fit used; error: the median error with which they are met", 80),
    ...sources.flatMap((source, index) => hanging(`[${index + 1}]`, source, 6))
  ].join("\n")
}

/** One constant. */
export const constantText = ({ key, constant }: NamedConstant): string => {
  const { value, interval, points, residual, origin, source } = constant
  return [
    `value          ${shown(key, value)}`,
    ...(interval === undefined ? [] : [`80 % interval  ${interval.map((end) => shown(key, end)).join(" to ")}`]),
    ...(points === undefined ? [] : [`measurements   ${points}`]),
    ...(residual === undefined ? [] : [`median error   ${formatPercent(residual)}`]),
    ...hanging("source", `${origin}: ${source}`, 15)
  ].join("\n")
}
