/**
 * What a batch brings: work a second, and the time that each request takes, by requests at once.
 */
import { formatCount, formatFigures, formatSeconds } from "../units/index.ts"
import { countAxis } from "./axis.ts"
import { lineChart, type Point } from "./line-chart.ts"
import type { Picture } from "./picture.ts"

export interface BatchPoint {
  /** Requests at once. */
  readonly requests: number
  readonly tokensPerSecond: number
  /** Mean seconds until the whole answer is there. */
  readonly answerSeconds: number
}

export interface BatchCurve {
  /** Ascending by requests, two or more. */
  readonly points: readonly BatchPoint[]
  readonly here?: number
}

export const batchCurve = ({ points, here }: BatchCurve): Picture => {
  const [first, last] = [points[0], points.at(-1)]
  const isWide = first !== undefined && last !== undefined && last.requests / first.requests > 12
  const count = countAxis("requests at once", isWide ? (first?.requests ?? 1) : 0, last?.requests ?? 1)
  return lineChart({
    title:
      first === undefined || last === undefined
        ? "Output tokens a second by requests at once"
        : last.tokensPerSecond < 1.05 * first.tokensPerSecond
          ? `More requests at once bring nothing: ${formatFigures(last.tokensPerSecond)} output tokens/s for ${formatCount(first.requests)} as for ${formatCount(last.requests)}`
          : `${formatCount(last.requests)} requests at once give ${formatFigures(last.tokensPerSecond / first.tokensPerSecond)} times the tokens a second of ${formatCount(first.requests)}; an answer takes ${formatSeconds(last.answerSeconds)} rather than ${formatSeconds(first.answerSeconds)}`,
    x: isWide ? { ...count, scale: "log", isExact: true, ticks: points.map(({ requests }) => requests) } : count,
    y: countAxis("output tokens/s", 0, Math.max(...points.map(({ tokensPerSecond }) => tokensPerSecond))),
    lines: [
      {
        name: "",
        colour: "compute",
        isMarked: true,
        points: points.map((point): Point => [point.requests, point.tokensPerSecond])
      }
    ],
    marks: here === undefined ? [] : [{ x: here, name: `this scenario ${formatCount(here)}` }],
    table: {
      columns: ["requests at once", "output tokens/s", "mean time to last token, s"],
      rows: points.map((point) => [point.requests, point.tokensPerSecond, point.answerSeconds])
    }
  })
}
