/** Charts as SVG text, each with a sentence for a title and a table of its numbers. Knows nothing of scenarios. */
export { countAxis, timeAxis, type Axis } from "./axis.ts"
export { batchCurve, type BatchCurve, type BatchPoint } from "./batch-curve.ts"
export { breakdownBar, type BreakdownBar } from "./breakdown-bar.ts"
export { calendarBar, type CalendarBar } from "./calendar-bar.ts"
export { costCurve, type CostCurve } from "./cost-curve.ts"
export { distributionCurve, type DistributionCurve } from "./distribution-curve.ts"
export { effectBars, type EffectBars, type EffectRow } from "./effect-bars.ts"
export { heatMap, type HeatCell, type HeatMap, type Levels } from "./heat-map.ts"
export { kneeOf, type CurvePoint } from "./knee.ts"
export { lineChart, type Dot, type Line, type LineChart, type Point } from "./line-chart.ts"
export { loadCurve, type LoadCurve, type LoadPoint } from "./load-curve.ts"
export { memoryBar, type MemoryBar } from "./memory-bar.ts"
export { colours, contrast, inks, luminance, scales, type Colour, type Ink, type Shade } from "./palette.ts"
export {
  linesDrawn,
  parallelCoordinates,
  type ParallelCoordinates,
  type ParallelPoint
} from "./parallel-coordinates.ts"
export { paretoChart, type ParetoChart, type ParetoPoint } from "./pareto-chart.ts"
export { pictureOf, pictureWidth, standalone, type ChartTable, type Picture, type Plot } from "./picture.ts"
export type { Measure } from "./ramp.ts"
export { scalingCurve, type ScalingCurve } from "./scaling-curve.ts"
export type { Part } from "./stacked-bar.ts"
export { chartStyle } from "./style.ts"
export { clipped, element, escapeText, type Attributes, type Child, type Markup } from "./svg.ts"
export { valueEffects, type FieldEffect, type ValueEffects } from "./value-effects.ts"
