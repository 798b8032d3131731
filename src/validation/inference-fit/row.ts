/** One measured quantity that a fit looks at. */
export interface FitRow {
  readonly id: string
  readonly group: string
  /** Constants that the prediction read, by key. */
  readonly evidence: readonly string[]
  readonly stack: { readonly name: string; readonly version: string; readonly versions: readonly string[] }
  /** log(predicted / measured) in seconds, under the constants of this moment. */
  readonly logError: () => number
}
