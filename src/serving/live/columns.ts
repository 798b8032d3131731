/** Columns that grow: typed arrays copied into larger ones. */

export const grownIntegers = (from: Int32Array, capacity: number): Int32Array<ArrayBuffer> => {
  const to = new Int32Array(capacity)
  to.set(from)
  return to
}

export const grownFloats = (from: Float64Array, capacity: number): Float64Array<ArrayBuffer> => {
  const to = new Float64Array(capacity)
  to.set(from)
  return to
}

export const grownBytes = (from: Uint8Array, capacity: number): Uint8Array<ArrayBuffer> => {
  const to = new Uint8Array(capacity)
  to.set(from)
  return to
}
