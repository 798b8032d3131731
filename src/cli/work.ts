/**
 * `windtunnel work`: does the points of sweeps and the fleets of plans that others have put into a database.
 */
import { availableParallelism } from "node:os"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { InputWrong } from "./failure.ts"

/** Seconds after which a silent worker's job goes to another. */
export const defaultLease = 30

export const leaseFlag = Flag.Int("lease").pipe(
  Flag.withMetavar("seconds"),
  Flag.withDescription(`After so long without a sign of life a job goes to another worker; default ${defaultLease}`),
  Flag.optional
)

/** Shorter leases run out under a busy processor; longer ones leave a dead worker's jobs undone for a day. */
const [shortest, longest] = [2, 86_400]

/** @param isShared whether there is a database that machines share: elsewhere nothing is leased */
export const leaseOf = (given: Option.Option<number>, isShared = true): Effect.Effect<number, InputWrong> => {
  if (!isShared && Option.isSome(given))
    return Effect.fail(
      new InputWrong({
        text: "--lease is of jobs that machines share\n  expected a database as --store, or no --lease"
      })
    )
  const seconds = Option.getOrElse(given, () => defaultLease)
  return seconds >= shortest && seconds <= longest
    ? Effect.succeed(seconds)
    : Effect.fail(new InputWrong({ text: `--lease takes whole seconds from ${shortest} to ${longest}` }))
}

export const workersFlag = Flag.Int("workers").pipe(
  Flag.withDescription("Threads that simulate; default one a processor"),
  Flag.optional
)

/** @param least 0 where others may do all the work */
export const threadsOf = (given: Option.Option<number>, least: 0 | 1 = 1): Effect.Effect<number, InputWrong> => {
  const threads = Option.getOrElse(given, () => availableParallelism())
  return threads >= least && threads <= 1024
    ? Effect.succeed(threads)
    : Effect.fail(new InputWrong({ text: `--workers takes a whole number from ${least} to 1024` }))
}

export const work = Command.make(
  "work",
  {
    store: Flag.String("store").pipe(
      Flag.withMetavar("URL"),
      Flag.withDescription("The database of the sweeps and plans: postgres://user:password@host:5432/database")
    ),
    workers: workersFlag,
    lease: leaseFlag,
    untilEmpty: Flag.Boolean("until-empty").pipe(
      Flag.withDescription("End when every job is done, here or elsewhere; default: wait for more"),
      Flag.withDefault(false)
    )
  },
  Effect.fn("work")(function* ({ store, workers, lease, untilEmpty }) {
    const [threads, leaseSeconds] = [yield* threadsOf(workers), yield* leaseOf(lease)]
    const { workOn } = yield* Effect.promise(() => import("./work-run.ts"))
    return yield* workOn({ store, threads, leaseSeconds, isEnding: untilEmpty })
  })
).pipe(
  Command.withDescription(
    "Simulate points of sweeps and fleets of plans in a shared database, on as many machines as there are"
  ),
  Command.withExamples([
    {
      command: "windtunnel work --store postgres://windtunnel@db.example.org/sweeps --until-empty",
      description: "on each machine; the password may stand in PGPASSWORD"
    }
  ])
)
