/** What routers and the front door go by, and what they log. */

export interface Routing {
  /** prefix-aware: queued tokens count so many times a cached one against a replica. */
  readonly loadWeight: number
  /**
   * What a router believes of a replica's cache. index: an index of its own of the prompts that it sent there, least recently
   * used first out (SGLang's router). cache: what the replica's cache really holds (llm-d's precise index of KV events).
   */
  readonly knows: "index" | "cache"
  /** Blocks that the index remembers of a replica; as many as its cache has where 0. */
  readonly indexBlocks: number
  /** Each decision is logged with its alternatives. */
  readonly isLogged: boolean
}

/** Routing decisions in order, and what each open replica would have cost: rows first[i] ... first[i + 1] - 1. */
export interface DecisionLog {
  readonly request: Int32Array
  readonly seconds: Float64Array
  readonly chosen: Int32Array
  /** One longer than the others. */
  readonly first: Float64Array
  readonly replica: Int32Array
  /** Prompt tokens sent there whose first token has not left, without those believed to be cached. */
  readonly queuedTokens: Float64Array
  /** Of the request's prompt, as far as the router knows. */
  readonly cachedTokens: Float64Array
  readonly predictedTtft: Float64Array
  /** Decisions that were not logged because the table is full. */
  readonly left: number
}

export interface DoorLog {
  /** Requests held because no replica could take one, or because their goal could not be met, and those turned away for that. */
  readonly held: number
  readonly deferred: number
  readonly refused: number
  readonly heldSeconds: number
}
