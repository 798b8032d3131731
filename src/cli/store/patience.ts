/**
 * Waiting for a database that went away to come back: not for ever.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { storeFailure, type StoreFailure } from "./sweep-store.ts"

/** How long a database may be away. */
export const patience = Duration.minutes(2)

const backoff = Schedule.min([Schedule.exponential("100 millis"), Schedule.spaced("2 seconds")])

/** Hears when a database goes away and when it is back. */
export interface Outages {
  readonly onAway: (failure: StoreFailure) => void
  readonly onBack: () => void
}

/** Tries again while what fails may pass; the last failure says how long it was tried. */
export const patiently = <A, R>(
  act: Effect.Effect<A, StoreFailure, R>,
  { onAway, onBack }: Outages = { onAway: () => undefined, onBack: () => undefined },
  limit: Duration.Duration = patience
): Effect.Effect<A, StoreFailure, R> =>
  Effect.suspend(() => {
    let isAway = false
    return act.pipe(
      Effect.tapError((failure) =>
        Effect.sync(() => {
          if (!failure.isPassing || isAway) return
          isAway = true
          onAway(failure)
        })
      ),
      Effect.retry({ while: ({ isPassing }) => isPassing, schedule: Schedule.upTo(backoff, { duration: limit }) }),
      Effect.mapError(({ text, isPassing }) =>
        storeFailure(isPassing ? `${text}; tried again for ${Duration.toSeconds(limit)} s` : text)
      ),
      Effect.tap(() => Effect.sync(() => (isAway ? onBack() : undefined)))
    )
  })
