/**
 * `windtunnel report`: what a cluster does, what it costs and how sure that is, as HTML, Markdown, CSV and JSON.
 */
import { availableParallelism } from "node:os"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { InputWrong } from "./failure.ts"
import { reportForms as forms } from "./report-form.ts"
import { jsonFlag, setFlag } from "./run.ts"

export const report = Command.make(
  "report",
  {
    runs: Argument.String("run").pipe(
      Argument.withDescription("Folders or result.json of runs, or scenarios; several are compared"),
      Argument.variadic({ min: 1 })
    ),
    set: setFlag,
    seed: Flag.Int("seed").pipe(Flag.withDescription("Seed of every random stream"), Flag.optional),
    out: Flag.String("out").pipe(
      Flag.withMetavar("folder"),
      Flag.withDescription("Write the report there; default the run's own folder, else reports/NAME"),
      Flag.optional
    ),
    format: Flag.String("format").pipe(
      Flag.withMetavar("html,md,csv,json"),
      Flag.withDescription("Which forms to write; default all"),
      Flag.withDefault(forms.join(","))
    ),
    workers: Flag.Int("workers").pipe(
      Flag.withDescription("Threads that simulate; default one a processor"),
      Flag.optional
    ),
    json: jsonFlag
  },
  Effect.fn("report")(function* ({ runs, set, seed, out, format, workers, json }) {
    const asked = format.split(",").map((form) => form.trim())
    const unknown = asked.find((form) => !forms.some((one) => one === form))
    if (unknown !== undefined)
      return yield* new InputWrong({
        text: `--format has no ${JSON.stringify(unknown)}\n  expected some of ${forms.join(", ")}`
      })
    const threads = Option.getOrUndefined(workers) ?? availableParallelism()
    if (threads < 1 || threads > 1024)
      return yield* new InputWrong({ text: "--workers takes a whole number from 1 to 1024" })
    const chosen = Option.getOrUndefined(seed)
    if (chosen !== undefined && (chosen < 0 || !Number.isSafeInteger(chosen)))
      return yield* new InputWrong({ text: "--seed takes a whole number from 0 on" })
    // Loaded when it is wanted: charts and measurements take a while to load.
    const { reportOf } = yield* Effect.promise(() => import("./report-runs.ts"))
    return yield* reportOf({
      runs,
      set,
      seed: chosen,
      out: Option.getOrUndefined(out),
      forms: forms.filter((form) => asked.includes(form)),
      threads,
      json
    })
  })
).pipe(
  Command.withDescription("Write the capacity report of runs or scenarios: the answer, its cost, and how sure it is"),
  Command.withExamples([
    { command: "windtunnel report bloom-176b", description: "of a shipped scenario, into reports/bloom-176b" },
    { command: "windtunnel report small-server --format html", description: "with latency against load" },
    { command: "windtunnel report runs/a runs/b --out both", description: "two runs compared" }
  ])
)
