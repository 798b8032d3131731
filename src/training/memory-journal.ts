/**
 * What happens to the memory of a stage's first rank, one row an event.
 */
export interface MemoryJournal {
  readonly stage: number
  readonly seconds: number[]
  /** The operation, packed, that begins or ends. */
  readonly code: number[]
  readonly isEnd: boolean[]
  /** Bytes in use from this event on, as the tracker counts them. */
  readonly bytes: number[]
}

export const makeJournal = (stage: number): MemoryJournal => ({ stage, seconds: [], code: [], isEnd: [], bytes: [] })

/** Adds a row. */
export const writeDown = (
  journal: MemoryJournal,
  seconds: number,
  code: number,
  isEnd: boolean,
  bytes: number
): void => {
  journal.seconds.push(seconds)
  journal.code.push(code)
  journal.isEnd.push(isEnd)
  journal.bytes.push(bytes)
}

/** Bytes that an operation needs only while it runs. */
export interface Transient {
  /** Of layers that run again. */
  readonly working: number
  readonly logits: number
}
