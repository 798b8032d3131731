/** A column of numbers that grows: a typed array doubled when it is full, cut to size at the end. */

type NumberArray = Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer>

export interface GrowingColumn<A extends NumberArray> {
  readonly push: (value: number) => void
  readonly length: () => number
  /** NaN when empty. */
  readonly last: () => number
  /** The values so far, in an array of their number. */
  readonly take: () => A
}

/** @param make  makes an array of a length: `(length) => new Float64Array(length)` */
export const makeColumn = <A extends NumberArray>(make: (length: number) => A): GrowingColumn<A> => {
  let values = make(1024)
  let length = 0
  return {
    push: (value) => {
      if (length === values.length) {
        const larger = make(2 * length)
        larger.set(values)
        values = larger
      }
      values[length++] = value
    },
    length: () => length,
    last: () => (length === 0 ? NaN : values[length - 1]!),
    take: () => {
      const exact = make(length)
      exact.set(values.subarray(0, length))
      return exact
    }
  }
}
