/**
 * Points by two numbers, and the front: those that no other is better than in both.
 */
import type { Axis } from "./axis.ts"
import { lineChart, type Point } from "./line-chart.ts"
import type { ChartTable, Picture } from "./picture.ts"

export interface ParetoPoint {
  readonly x: number
  readonly y: number
  /** What stands for the point when a pointer rests on it. */
  readonly title: string
}

export interface ParetoChart {
  readonly title: string
  readonly x: Axis
  readonly y: Axis
  /** Whether less of x is better, or more. */
  readonly xBetter: "less" | "more"
  /** Ascending in x. */
  readonly front: readonly ParetoPoint[]
  readonly others: readonly ParetoPoint[]
  readonly table: ChartTable
}

export const paretoChart = ({ title, x, y, xBetter, front, others, table }: ParetoChart): Picture =>
  lineChart({
    title,
    x,
    y,
    lines: [{ name: "", colour: "compute", points: stairs(front, xBetter) }],
    dots: [...others.map((point) => ({ ...point, colour: "host" as const })), ...front],
    table
  })

/** What can be had for each x: of the front's points that cost no more, or that do no less, the best. */
const stairs = (front: readonly ParetoPoint[], xBetter: "less" | "more"): readonly Point[] =>
  front.flatMap(({ x, y }, index): readonly Point[] => {
    const before = front[index - 1]
    if (before === undefined) return [[x, y]]
    return [xBetter === "less" ? [x, before.y] : [before.x, y], [x, y]]
  })
