/**
 * What keeps the results of sweeps: one row a point, keyed by the sweep and by the point's values and seed.
 */
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type { SweepRow } from "../../planner/index.ts"
import type { DecodedScenario } from "../../scenario/index.ts"

/** Why a store cannot be used, in plain words. */
export class StoreFailure extends Data.TaggedError("StoreFailure")<{
  readonly text: string
  /** It may work again in a while, as it is. */
  readonly isPassing: boolean
}> {
  /** What the queue notes of a job that failed. */
  override get message(): string {
    return this.text
  }
}

export const storeFailure = (text: string, isPassing = false): StoreFailure => new StoreFailure({ text, isPassing })

/** What a store does, and how that ends. */
export type Stored<A> = Effect.Effect<A, StoreFailure>

export interface NotedSweep {
  readonly hash: string
  readonly name: string
  readonly points: number
}

export interface StoredSweep extends NotedSweep {
  readonly done: number
}

export interface FinishedPoint {
  readonly key: string
  readonly ordinal: number
  /** The row as JSON; what a store gives back is this text, so that every store has the same rows. */
  readonly text: string
  /** What is best of a sweep is the largest; null where the point cannot run. */
  readonly objective: number | null
}

export interface SweepStore {
  /** Keys of the points that are done. */
  readonly done: (hash: string) => Stored<ReadonlySet<string>>
  /** Adds points all at once or not at all. One that is there already stays, unless it was given up with an error. */
  readonly add: (hash: string, points: readonly FinishedPoint[]) => Stored<void>
  /** Forgets the points that were given up with an error, so that they can be done again. */
  readonly forgetErrors: (hash: string) => Stored<void>
  readonly sweeps: Stored<readonly StoredSweep[]>
  /** Rows of a sweep in the order of its points. */
  readonly rows: (hash: string) => Stored<readonly SweepRow[]>
  /** What a sweep varies; undefined where the store was not told. */
  readonly scenarioOf: (hash: string) => Stored<DecodedScenario | undefined>
}

/** A store on this machine. */
export interface LocalStore extends SweepStore {
  /** Notes a sweep; one that is known already stays as it is. */
  readonly begin: (sweep: NotedSweep, scenario?: DecodedScenario) => Stored<void>
}
