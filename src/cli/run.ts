/**
 * `windtunnel run`: simulate one scenario, print what came out, keep the files of the run.
 */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { changesThatFit, impossibleIssue, resolveScenario } from "../scenario/index.ts"
import { isImpossible, simulateTraining } from "../training/index.ts"
import { CannotRun, InputWrong, inputWrong } from "./failure.ts"
import { writeRun } from "./output-folder.ts"
import { print, printJson, remark } from "./output.ts"
import { resultDocument } from "./result-document.ts"
import { doesNotFitText } from "./does-not-fit.ts"
import { nextSteps } from "./next-steps.ts"
import { summaryText } from "./run-summary.ts"
import { openedScenario } from "./scenario-file.ts"
import { terminal } from "./terminal.ts"
import { readText } from "./text-file.ts"
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
      Flag.withDescription("Write result.json, scenario.json, trace.windtunnel and trace.json there"),
      Flag.optional
    ),
    trace: Flag.String("trace").pipe(
      Flag.withMetavar("full|off|window:FROM..TO"),
      Flag.withDescription("What to record, such as window:1s..2s; default full with --out, else off"),
      Flag.optional
    )
  },
  Effect.fn("run")(function* ({ scenario, set, seed, json, out, trace }) {
    const folder = Option.getOrUndefined(out)
    const recorded = parseTrace(Option.getOrElse(trace, () => (folder === undefined ? "off" : "full")))
    if (recorded === undefined)
      return yield* new InputWrong({ text: "--trace takes full, off or window:FROM..TO such as window:1s..2s" })
    const chosen = Option.getOrUndefined(seed)
    if (chosen !== undefined && (chosen < 0 || !Number.isSafeInteger(chosen)))
      return yield* new InputWrong({ text: "--seed takes a whole number from 0 on" })
    const loaded = yield* openedScenario(scenario, set)
    const resolved = resolveScenario(loaded, {
      readText,
      trace: recorded,
      ...(chosen === undefined ? {} : { seed: chosen })
    })
    if (resolved._tag === "Refused") return yield* inputWrong(resolved.issues)

    const outcome = simulateTraining(resolved.job)
    if (isImpossible(outcome)) return yield* inputWrong([impossibleIssue(outcome, loaded)])
    const alternatives = outcome.memory.fits ? [] : changesThatFit(resolved)
    const document = resultDocument(resolved, outcome, alternatives)
    if (folder !== undefined) {
      const files = writeRun(folder, document, outcome.trace)
      if ("failure" in files) return yield* new InputWrong({ text: files.failure })
      if (!json) yield* remark(`wrote ${files.written.join(", ")}`)
    }
    const next = nextSteps({
      scenario,
      set,
      ...(chosen === undefined ? {} : { seed: chosen }),
      folder,
      isTraced: folder !== undefined && outcome.trace !== null,
      loaded,
      job: resolved.job,
      alternatives
    })
    if (json) yield* printJson(document)
    else yield* print(summaryText({ resolved, result: outcome, loaded }, terminal, next))
    return outcome.memory.fits
      ? undefined
      : yield* new CannotRun({ text: json ? "" : `\n${doesNotFitText(resolved, outcome, alternatives)}` })
  })
).pipe(
  Command.withDescription("Simulate a scenario and say how long, how much memory, and where the time goes"),
  Command.withExamples([
    { command: "windtunnel run bloom-176b", description: "predict an iteration of a shipped scenario" },
    { command: "windtunnel run my-cluster.yaml", description: "of a file of your own" },
    { command: "windtunnel run bloom-176b --set training.recompute=none", description: "what if" },
    { command: "windtunnel run bloom-176b --out runs/bloom", description: "keep the result and the timeline" }
  ])
)
