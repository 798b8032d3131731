/** A request on its way from the replica that computes its prompt to the one that writes its answer. */
import type { Wires } from "./wires.ts"

export interface Move {
  readonly id: number
  readonly from: number
  readonly to: number
  /** Tokens that the decode side found in its own cache, which need not move. */
  hits: number
  isReserved: boolean
  isPrefilled: boolean
  /** Tokens whose keys and values are on their way or there; a part of a token is a share of its layers. */
  sent: number
  /** The flow that has not arrived, -1 = none; one follows another. */
  flow: number
  /** The chunk of the prompt that is being computed: tokens before and after it, and from when to when. */
  before: number
  after: number
  start: number
  end: number
}

export interface Moves {
  readonly isLayerWise: boolean
  readonly wires: Wires
  readonly byId: Map<number, Move>
  /** Bytes of a token, by pool. */
  readonly tokenBytes: readonly number[]
  /** Bytes of a request's states (linear attention), by pool. */
  readonly stateBytes: readonly number[]
  made: number
  done: number
  bytes: number
  /** Seconds that the decode side had requests in line which then did not come. */
  abandonedSeconds: number
}

export const makeMoves = (
  isLayerWise: boolean,
  wires: Wires,
  tokenBytes: readonly number[],
  stateBytes: readonly number[] = tokenBytes.map(() => 0)
): Moves => ({
  isLayerWise,
  wires,
  byId: new Map(),
  tokenBytes,
  stateBytes,
  made: 0,
  done: 0,
  bytes: 0,
  abandonedSeconds: 0
})
