/** What a waiting line does, whatever its order. */

export interface WaitingLine {
  readonly count: () => number
  /** Who is next; -1 when nobody waits. */
  readonly first: () => number
  readonly join: (slot: number) => void
  /** Back into the line after preemption: to its front; by priority, to where it belongs. */
  readonly rejoin: (slot: number) => void
  readonly leave: (slot: number) => void
  /** Everybody who waits, in order. Allocates. */
  readonly all: () => readonly number[]
  /** Somebody who was in the line is served for the first time. */
  readonly served: (slot: number) => void
}
