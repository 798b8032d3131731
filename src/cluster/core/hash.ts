/**
 * The hash by which equal-cost multi-path routing picks one of several ways: the finisher of MurmurHash3 (A. Appleby,
 * 2011) over the numbers that tell a flow from others.
 */

/** A whole number from 0 to `choices` - 1; the same for the same numbers. */
export const pickWay = (choices: number, seed: number, a: number, b: number, c: number): number => {
  let bits = mixed(seed ^ 0x9e3779b9)
  bits = mixed(bits ^ a)
  bits = mixed(Math.imul(bits, 31) ^ b)
  bits = mixed(Math.imul(bits, 31) ^ c)
  return (bits >>> 0) % choices
}

const mixed = (value: number): number => {
  let bits = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return bits ^ (bits >>> 16)
}
