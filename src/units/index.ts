/** Quantities: read from text into SI, and shown with three figures and a unit. */
export {
  formatBytes,
  formatCount,
  formatFigures,
  formatFlops,
  formatPercent,
  formatQuantity3,
  formatSeconds
} from "./format.ts"
export { parseQuantity } from "./parse-quantity.ts"
export type { Dimension } from "./unit-table.ts"
