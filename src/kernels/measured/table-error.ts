/**
 * Why a table or trace of measured kernels was not read.
 */

export interface KernelTableError {
  readonly _tag: "KernelTableError"
  readonly line: number
  readonly given: string
  readonly expected: string
}
