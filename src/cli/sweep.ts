/**
 * `windtunnel sweep`: a scenario simulated at every combination of some fields' values, into a store that it can resume from.
 */
import { basename, extname } from "node:path"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { InputWrong } from "./failure.ts"
import { jsonFlag, setFlag } from "./run.ts"
import { isUrl } from "./store/open-store.ts"
import { leaseFlag, leaseOf, threadsOf, workersFlag } from "./work.ts"

export const sweep = Command.make(
  "sweep",
  {
    scenario: Argument.String("scenario").pipe(
      Argument.withDescription("A scenario file, or the name of a shipped one")
    ),
    vary: Flag.String("vary").pipe(
      Flag.withMetavar("path=values"),
      Flag.withDescription(
        "A field and its values: 1,2,4 or 1..64*2 or 10..50+10; may be repeated. Default: the scenario's `sweep`"
      ),
      Flag.between(0, 20)
    ),
    where: Flag.String("where").pipe(
      Flag.withDescription("Only points of which this holds, such as 'tensor * pipeline <= 64'"),
      Flag.optional
    ),
    seeds: Flag.Int("seeds").pipe(Flag.withDescription("Seeds to simulate each point with; default 1"), Flag.optional),
    workers: workersFlag,
    store: Flag.String("store").pipe(
      Flag.withMetavar("file|URL"),
      Flag.withDescription(
        "SQLite file that keeps the results, or a database that machines share: postgres://user:password@host:5432/database; default NAME.sweep.sqlite here"
      ),
      Flag.optional
    ),
    lease: leaseFlag,
    noWait: Flag.Boolean("no-wait").pipe(
      Flag.withDescription("With a database: leave the points to `windtunnel work`, and end"),
      Flag.withDefault(false)
    ),
    retry: Flag.Boolean("retry").pipe(
      Flag.withDescription("Do the points again that were given up with an error"),
      Flag.withDefault(false)
    ),
    set: setFlag,
    json: jsonFlag
  },
  Effect.fn("sweep")(function* ({ scenario, vary, where, seeds, workers, store, lease, noWait, retry, set, json }) {
    const kept = Option.getOrElse(store, () => `${basename(scenario, extname(scenario))}.sweep.sqlite`)
    const threads = yield* threadsOf(workers, isUrl(kept) ? 0 : 1)
    const leaseSeconds = yield* leaseOf(lease, isUrl(kept))
    if (noWait && !isUrl(kept))
      return yield* new InputWrong({
        text: "--no-wait leaves the points to other machines\n  expected a database as --store"
      })
    const count = Option.getOrUndefined(seeds)
    if (count !== undefined && (count < 1 || count > 100_000))
      return yield* new InputWrong({ text: "--seeds takes a whole number from 1 to 100000" })
    const { sweepOf } = yield* Effect.promise(() => import("./sweep-run.ts"))
    return yield* sweepOf({
      scenario,
      set,
      vary,
      where: Option.getOrUndefined(where),
      seeds: count,
      threads,
      store: kept,
      leaseSeconds,
      isWaiting: !noWait,
      isRetrying: retry,
      json
    })
  })
).pipe(
  Command.withDescription("Simulate a scenario at every combination of some fields' values; can be ended and resumed"),
  Command.withExamples([
    {
      command: "windtunnel sweep bloom-176b --vary training.microBatch=1,2,4 --vary training.recompute=none,full",
      description: "six points"
    },
    {
      command: "windtunnel sweep small-server --vary workload.arrivals.poisson.rate=1..16*2 --seeds 5",
      description: "five seeds at each rate"
    }
  ])
)
