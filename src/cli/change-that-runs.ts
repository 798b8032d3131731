/** What a document says of a change after which a refused scenario runs. */
import type { Changes } from "../scenario/index.ts"

export interface ChangeThatRuns {
  readonly changes: Changes
  /** Training. */
  readonly iterationSeconds?: number
  readonly peakBytes?: number
  /** Serving: tokens that the cache holds, and seconds a token of a lone request. */
  readonly cacheTokens?: number
  readonly tokenSeconds?: number
}
