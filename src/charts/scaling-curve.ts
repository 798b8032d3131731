/**
 * Throughput against the number of accelerators, beside what perfect scaling from the smallest number would give.
 */
import { formatCount, formatFigures, formatPercent } from "../units/index.ts"
import { countAxis } from "./axis.ts"
import { lineChart, type Point } from "./line-chart.ts"
import type { Picture } from "./picture.ts"

export interface ScalingCurve {
  /** What is counted: "tokens/s". */
  readonly unit: string
  /** In ascending order of accelerators, two or more. */
  readonly points: readonly { readonly accelerators: number; readonly rate: number }[]
  readonly here?: number
}

export const scalingCurve = ({ unit, points, here }: ScalingCurve): Picture => {
  const [first, last] = [points[0], points.at(-1)]
  const perOne = first === undefined ? 0 : first.rate / first.accelerators
  const ideal = points.map(({ accelerators }): Point => [accelerators, perOne * accelerators])
  const efficiency = ({ accelerators, rate }: ScalingCurve["points"][number]): number => rate / (perOne * accelerators)
  return lineChart({
    title:
      first === undefined || last === undefined
        ? "Throughput by accelerators"
        : `${formatCount(last.accelerators)} accelerators give ${formatFigures(last.rate / first.rate)} times the throughput of ${formatCount(first.accelerators)}: ${formatPercent(efficiency(last))} of perfect scaling`,
    x: countAxis("accelerators", 0, last?.accelerators ?? 1, spaced(points.map(({ accelerators }) => accelerators))),
    y: countAxis(unit, 0, Math.max(...points.map(({ rate }) => rate), ...ideal.map(([, rate]) => rate))),
    lines: [
      { name: "perfect", colour: "faint", points: ideal, isDashed: true },
      {
        name: "simulated",
        colour: "compute",
        points: points.map(({ accelerators, rate }): Point => [accelerators, rate]),
        isMarked: true
      }
    ],
    marks: here === undefined ? [] : [{ x: here, name: `this scenario ${formatCount(here)}` }],
    table: {
      columns: ["accelerators", unit, `${unit} per accelerator`, "share of perfect scaling"],
      rows: points.map((point) => [point.accelerators, point.rate, point.rate / point.accelerators, efficiency(point)])
    }
  })
}

/** Those that stand far enough from the next greater one to have a label below. */
const spaced = (values: readonly number[]): readonly number[] => {
  const most = values.at(-1) ?? 1
  let next = Infinity
  return values
    .toReversed()
    .filter((value) => {
      if ((next - value) / most < 0.06) return false
      next = value
      return true
    })
    .toReversed()
}
