/**
 * Keys of full KV blocks: a hash of everything from the start of the sequence to the block's last token, as vLLM chains the
 * hash of each block with that of the one before. Equal content gives equal keys; 64 bits make other equal keys improbable
 * (a million blocks: 3e-8).
 */
import type { Content } from "../live/live-requests.ts"

/** Two 32-bit halves. */
interface ChainHash {
  high: number
  low: number
}

/** One round of MurmurHash3's 32-bit body (A. Appleby, 2011). */
const mixed = (hash: number, value: number, first: number, second: number): number => {
  let bits = Math.imul(value, first)
  bits = Math.imul((bits << 15) | (bits >>> 17), second)
  bits ^= hash
  return (Math.imul((bits << 13) | (bits >>> 19), 5) + 0xe6546b64) | 0
}

const absorb = (chain: ChainHash, value: number): void => {
  chain.high = mixed(chain.high, value, 0xcc9e2d51, 0x1b873593)
  // The second half sees the first, so that the two do not collide together.
  chain.low = mixed(chain.low, value ^ chain.high, 0x85ebca6b, 0xc2b2ae35)
}

/** Keys of all full blocks that the pieces (and the generated tokens, where they have a piece) describe. */
export const contentKeys = (content: Content, blockTokens: number): Int32Array => {
  const blocks = Math.floor(content.tokens / blockTokens)
  const keys = new Int32Array(2 * blocks)
  const chain: ChainHash = { high: 0x9e3779b9 | 0, low: 0x243f6a88 | 0 }
  const { pieces, outputPiece } = content
  let piece = 0
  let offset = 0
  for (let block = 0; block < blocks; block++) {
    for (let left = blockTokens; left > 0;) {
      const { id, tokens } = pieces[piece] ?? { id: outputPiece, tokens: Infinity }
      const part = Math.min(left, tokens - offset)
      if (part > 0) {
        absorb(chain, id | 0)
        absorb(chain, Math.floor(id / 2 ** 32) | 0)
        absorb(chain, offset)
        absorb(chain, part)
      }
      left -= part
      offset += part
      if (offset >= tokens) {
        piece++
        offset = 0
      }
    }
    keys[2 * block] = chain.high
    keys[2 * block + 1] = chain.low
  }
  return keys
}
