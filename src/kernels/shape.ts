/**
 * A transformer layer as one rank sees it: sizes after tensor, context and expert sharding.
 */
import type { Datatype, Model, Stack } from "../catalog/index.ts"
import type { Device } from "./device.ts"
import type { ExpertCapacity } from "./expert-load.ts"

export interface RankShape {
  readonly model: Model
  /** Sequences in a micro-batch. */
  readonly microBatch: number
  /** Tokens of a whole sequence. */
  readonly sequence: number
  readonly tensor: number
  readonly sequenceParallel: boolean
  readonly context: number
  readonly expert: number
  readonly expertTensor: number
  /** Busiest expert's load over the mean. */
  readonly expertImbalance: number
  /** Places an expert has for token copies; absent = as many as come. */
  readonly expertCapacity?: ExpertCapacity
  /** Number format of the layers' matrix multiplications. */
  readonly datatype: Datatype
}

export interface Site {
  readonly device: Device
  readonly stack: Stack
  readonly shape: RankShape
}

/** Bytes of an activation element between operators. */
export const activationBytes = 2

/** Tokens of a micro-batch that a rank holds. */
export const tokensOf = ({ microBatch, sequence, context }: RankShape): number => (microBatch * sequence) / context

/** Ranks that share the norms, residuals and dropout. */
export const sequenceShards = ({ tensor, sequenceParallel }: RankShape): number => (sequenceParallel ? tensor : 1)

/** Key/value heads on a rank; heads that cannot be divided are replicated. */
export const localKeyValueHeads = ({ model, tensor }: RankShape): number => Math.max(1, model.keyValueHeads / tensor)
