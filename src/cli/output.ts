/**
 * Standard output: everything that a command has to say, written at once.
 */
import * as Effect from "effect/Effect"

export const print = (text: string): Effect.Effect<void> =>
  Effect.sync(() => {
    process.stdout.write(text.endsWith("\n") ? text : `${text}\n`)
  })

export const printJson = (value: unknown): Effect.Effect<void> => print(JSON.stringify(value, null, 2))

/** Remarks that are no part of the answer. */
export const remark = (text: string): Effect.Effect<void> =>
  Effect.sync(() => {
    process.stderr.write(`${text}\n`)
  })
