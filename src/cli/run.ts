/**
 * `windtunnel run`: simulate one scenario, print what came out, keep the files of the run.
 */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { isServing } from "../scenario/index.ts"
import { InputWrong } from "./failure.ts"
import { runTraining } from "./run-training.ts"
import { openedScenario } from "./scenario-file.ts"
import { parseTrace } from "./trace-option.ts"

export const setFlag = Flag.String("set").pipe(
  Flag.withMetavar("path=value"),
  Flag.withDescription("Set a field of the scenario, such as training.microBatch=4; may be repeated"),
  Flag.between(0, 1000)
)

export const jsonFlag = Flag.Boolean("json").pipe(
  Flag.withDescription("Print one JSON document and nothing else"),
  Flag.withDefault(false)
)

export const run = Command.make(
  "run",
  {
    scenario: Argument.String("scenario").pipe(
      Argument.withDescription("A .yaml, .json or .ts file, or the name of a shipped scenario")
    ),
    set: setFlag,
    seed: Flag.Int("seed").pipe(Flag.withDescription("Seed of every random stream"), Flag.optional),
    json: jsonFlag,
    out: Flag.String("out").pipe(
      Flag.withMetavar("folder"),
      Flag.withDescription("Write result.json, scenario.json, timeline.html, trace.windtunnel and trace.json there"),
      Flag.optional
    ),
    trace: Flag.String("trace").pipe(
      Flag.withMetavar("full|off|window:FROM..TO"),
      Flag.withDescription(
        "What to record, such as window:1s..2s; default full with --out (servers: up to 10,000 requests), else off"
      ),
      Flag.optional
    ),
    memory: Flag.String("memory").pipe(
      Flag.withMetavar("fullest|RANK|stage:N"),
      Flag.withDescription(
        "Tell what is alive in a rank's memory at its peak; with --out every allocation in memory.csv"
      ),
      Flag.optional
    ),
    requests: Flag.Boolean("requests").pipe(
      Flag.withDescription("Serving, with --out: write requests.csv, one row a request"),
      Flag.withDefault(false)
    ),
    lanes: Flag.Boolean("lanes").pipe(
      Flag.withDescription("Serving, with --out: one lane a request in the timeline"),
      Flag.withDefault(false)
    ),
    routingLog: Flag.String("routing-log").pipe(
      Flag.withMetavar("FILE"),
      Flag.withDescription("Serving: write every routing decision with its alternatives as CSV"),
      Flag.optional
    ),
    profile: Flag.String("profile").pipe(
      Flag.withMetavar("file"),
      Flag.withDescription("What your machine attains, as `windtunnel calibrate --measurements mine.csv` wrote it"),
      Flag.optional
    ),
    report: Flag.Boolean("report").pipe(
      Flag.withDescription("With --out: write the capacity report as well (report.html, .md, .csv, .json)"),
      Flag.withDefault(false)
    )
  },
  Effect.fn("run")(function* (flags) {
    const { scenario, seed, json, out, trace, memory, requests, lanes, routingLog, profile, report } = flags
    const set = Option.isNone(profile) ? flags.set : [...flags.set, `calibration=${profile.value}`]
    const folder = Option.getOrUndefined(out)
    const wanted = Option.getOrUndefined(trace)
    const recorded = wanted === undefined ? undefined : parseTrace(wanted)
    if (wanted !== undefined && recorded === undefined)
      return yield* new InputWrong({ text: "--trace takes full, off or window:FROM..TO such as window:1s..2s" })
    const chosen = Option.getOrUndefined(seed)
    if (chosen !== undefined && (chosen < 0 || !Number.isSafeInteger(chosen)))
      return yield* new InputWrong({ text: "--seed takes a whole number from 0 on" })
    if (report && folder === undefined)
      return yield* new InputWrong({ text: "--report writes files: it needs --out folder" })
    const loaded = yield* openedScenario(scenario, set)
    const request = {
      ...{ scenario, set, seed: chosen, json, folder, trace: recorded, requests, lanes, report },
      memory: Option.getOrUndefined(memory),
      routingLog: Option.getOrUndefined(routingLog)
    }
    if (!isServing(loaded.scenario)) return yield* runTraining(loaded, request)
    // Loaded when it is wanted: a training run need not wait for the server.
    const { runServing } = yield* Effect.promise(() => import("./run-serving.ts"))
    return yield* runServing(loaded, request)
  })
).pipe(
  Command.withDescription("Simulate a scenario and say how long, how much memory, and where the time goes"),
  Command.withExamples([
    { command: "windtunnel run bloom-176b", description: "predict an iteration of a shipped scenario" },
    { command: "windtunnel run my-cluster.yaml", description: "of a file of your own" },
    { command: "windtunnel run bloom-176b --set training.recompute=none", description: "what if" },
    { command: "windtunnel run bloom-176b --out runs/bloom", description: "keep the result and the timeline" },
    { command: "windtunnel run small-server", description: "a server and its clients" },
    { command: "windtunnel run small-server --out runs/a --report", description: "with a page for whoever pays" }
  ])
)
