/**
 * Standard normal numbers by place: what is drawn for (first, second) depends on the seed, the name and the place alone,
 * so it does not matter in which order, or how often, places are asked for.
 *
 * Two uniform numbers from a counter-based generator (a chain of MurmurHash3's bit mixers over the words of the place,
 * A. Appleby 2011) become one normal by Box & Muller (1958).
 */
import { randomStream } from "./random-stream.ts"

/** The number at a place of two whole numbers below 2^32. */
export type NormalAt = (first: number, second: number) => number

export const normalAt = (seed: number, name: string): NormalAt => {
  const draw = randomStream(seed, name)
  const word = (): number => Math.floor(draw() * 2 ** 32) | 0
  const [a, b] = [word(), word()]
  return (first, second) => {
    const one = mix(mix(a ^ first) + Math.imul(second, 0x9e3779b1))
    const two = mix(mix(b ^ second) + Math.imul(first, 0x85ebca77))
    // One added, so that the logarithm is finite.
    const radius = Math.sqrt(-2 * Math.log(((one >>> 0) + 1) / 2 ** 32))
    return radius * Math.cos(2 * Math.PI * ((two >>> 0) / 2 ** 32))
  }
}

const mix = (word: number): number => {
  let bits = word | 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return bits ^ (bits >>> 16)
}
