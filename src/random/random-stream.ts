/**
 * Random streams: every random quantity of a run draws from its own stream, named after what it decides.
 *
 * The state of a stream is a hash of the run's seed and the stream's name, so adding a stream, or drawing more from one,
 * changes no other. The generator is sfc32, the 32-bit "small fast chaotic" generator of PractRand (C. Doty-Humphrey,
 * 2010): 96 bits of state mixed chaotically with a 32-bit counter, so no cycle is shorter than 2^32 draws. It uses 32-bit
 * integer operations alone, so the numbers are the same on every machine.
 */

/** Draws the next number of a stream: uniform in [0, 1), a multiple of 2^-32. */
export type RandomStream = () => number

// The counter carries the difference of two streams into every bit within a few draws; PractRand skips the first 12 too.
const skippedDraws = 12

/**
 * The random stream of a name in a run.
 *
 * @param seed  the run's seed, any finite number
 * @param name  what the stream decides, such as "arrivals" or "failures of node 3"
 */
export const randomStream = (seed: number, name: string): RandomStream => {
  const text = `${seed} ${name}`
  let a = hash(text, 0x9e3779b9)
  let b = hash(text, 0x243f6a88)
  let c = hash(text, 0xb7e15162)
  let counter = 1
  const draw = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 2 ** 32
  }
  for (let skipped = 0; skipped < skippedDraws; skipped++) draw()
  return draw
}

/** FNV-1a over UTF-16 code units from a given basis, finished with the bit mixer of MurmurHash3 (A. Appleby, 2011). */
const hash = (text: string, basis: number): number => {
  let bits = basis
  for (let index = 0; index < text.length; index++) bits = Math.imul(bits ^ text.charCodeAt(index), 0x01000193)
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return bits ^ (bits >>> 16)
}
