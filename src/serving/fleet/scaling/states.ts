/** Who is in which state of life, since when, and what that adds up to. */
import { lifeStates, type LifeEvent, type LifeState } from "./types.ts"

export interface States {
  readonly of: (replica: number) => LifeState
  /** Changes a state and logs it; nothing when it is the state already. */
  readonly change: (replica: number, to: LifeState, why: LifeEvent["why"], now: number) => void
  /** Counts changes of a replica: tells an event of an earlier life from one of this. */
  readonly epochOf: (replica: number) => number
  readonly events: readonly LifeEvent[]
  /** Brings the sums up to a time, at the end of the run. */
  readonly settle: (now: number) => void
  readonly upSeconds: Float64Array
  readonly paidSeconds: Float64Array
}

const number = Object.fromEntries(lifeStates.map((state, index) => [state, index])) as Readonly<
  Record<LifeState, number>
>

/** @param onChange  a replica's state has changed */
export const makeStates = (first: readonly LifeState[], onChange: (replica: number, now: number) => void): States => {
  const states = Uint8Array.from(first, (state) => number[state])
  const since = new Float64Array(first.length)
  const epochs = new Int32Array(first.length)
  const upSeconds = new Float64Array(first.length)
  const paidSeconds = new Float64Array(first.length)
  const events: LifeEvent[] = []
  const add = (replica: number, now: number): void => {
    const seconds = Math.max(0, now - since[replica]!)
    if (states[replica] === number.up) upSeconds[replica] = upSeconds[replica]! + seconds
    if (states[replica] !== number.off) paidSeconds[replica] = paidSeconds[replica]! + seconds
    since[replica] = now
  }
  return {
    of: (replica) => lifeStates[states[replica]!]!,
    change: (replica, to, why, now) => {
      const from = lifeStates[states[replica]!]!
      if (from === to) return
      add(replica, now)
      states[replica] = number[to]
      epochs[replica] = epochs[replica]! + 1
      events.push({ seconds: now, replica, from, to, why })
      onChange(replica, now)
    },
    epochOf: (replica) => epochs[replica]!,
    events,
    settle: (now) => {
      for (let replica = 0; replica < states.length; replica++) add(replica, now)
    },
    upSeconds,
    paidSeconds
  }
}
