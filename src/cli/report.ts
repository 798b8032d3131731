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
import { meant } from "./meant.ts"
import { reportForms as forms } from "./report-form.ts"
import { jsonFlag, setFlag } from "./run.ts"
import { isStore } from "./sweep-stored.ts"

export const report = Command.make(
  "report",
  {
    runs: Argument.String("run").pipe(
      Argument.withDescription(
        "Folders or result.json of runs, or scenarios, several of which are compared; or the store of a sweep"
      ),
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
    sweep: Flag.String("sweep").pipe(
      Flag.withMetavar("name"),
      Flag.withDescription("Of a store: which sweep, by the beginning of its name or hash, where it holds several"),
      Flag.optional
    ),
    objective: Flag.String("objective").pipe(
      Flag.withMetavar("column"),
      Flag.withDescription("Of a sweep: the column that says which point is the best; default cost, else throughput"),
      Flag.optional
    ),
    x: Flag.String("x").pipe(
      Flag.withMetavar("path"),
      Flag.withDescription("Of a sweep: the varied field along the axis of the first chart"),
      Flag.optional
    ),
    y: Flag.String("y").pipe(
      Flag.withMetavar("path"),
      Flag.withDescription("Of a sweep: the varied field upright in it, for a heat map"),
      Flag.optional
    ),
    where: Flag.String("where").pipe(
      Flag.withMetavar("expr"),
      Flag.withDescription("Of a sweep: only points of which this holds, such as 'tensor <= 8'"),
      Flag.optional
    ),
    workers: Flag.Int("workers").pipe(
      Flag.withDescription("Threads that simulate; default one a processor"),
      Flag.optional
    ),
    json: jsonFlag
  },
  Effect.fn("report")(function* ({ runs, set, seed, out, format, workers, json, ...ofSweep }) {
    const asked = format.split(",").map((form) => form.trim())
    const unknown = asked.find((form) => !forms.some((one) => one === form))
    if (unknown !== undefined)
      return yield* new InputWrong({
        text: `--format has no ${JSON.stringify(unknown)}\n  expected some of ${forms.join(", ")}${meant(unknown, forms)}`
      })
    const chosenForms = forms.filter((form) => asked.includes(form))
    const store = runs.find(isStore)
    const sweepFlag = Object.entries(ofSweep).find(([, value]) => Option.isSome(value))?.[0]
    if (store !== undefined) {
      const other = runs.find((run) => run !== store)
      const runFlag = [
        ...(set.length > 0 ? ["set"] : []),
        ...Object.entries({ seed, workers }).flatMap(([name, value]) => (Option.isSome(value) ? [name] : []))
      ][0]
      if (other !== undefined || runFlag !== undefined)
        return yield* new InputWrong({
          text: `${other ?? `--${runFlag ?? ""}`}: ${store} is the store of a sweep, which is reported alone and from its rows\n  expected the store, with --sweep, --objective, --x, --y, --where, --out, --format or --json`
        })
      const { reportOfSweep } = yield* Effect.promise(() => import("./sweep-report.ts"))
      return yield* reportOfSweep({
        store,
        sweep: Option.getOrUndefined(ofSweep.sweep),
        objective: Option.getOrUndefined(ofSweep.objective),
        x: Option.getOrUndefined(ofSweep.x),
        y: Option.getOrUndefined(ofSweep.y),
        where: Option.getOrUndefined(ofSweep.where),
        out: Option.getOrUndefined(out),
        forms: chosenForms,
        json
      })
    }
    if (sweepFlag !== undefined)
      return yield* new InputWrong({
        text: `--${sweepFlag}: ${runs[0] ?? ""} is no store of a sweep\n  expected the SQLite file that \`windtunnel sweep --store\` wrote`
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
      forms: chosenForms,
      threads,
      json
    })
  })
).pipe(
  Command.withDescription("Write the report of runs, scenarios or a sweep: the answer, its cost, and how sure it is"),
  Command.withExamples([
    { command: "windtunnel report bloom-176b", description: "of a shipped scenario, into reports/bloom-176b" },
    { command: "windtunnel report small-server --format html", description: "with latency against load" },
    { command: "windtunnel report runs/a runs/b --out both", description: "two runs compared" },
    {
      command: "windtunnel report bloom-176b.sweep.sqlite",
      description: "a sweep: its best point, and what each field does"
    }
  ])
)
