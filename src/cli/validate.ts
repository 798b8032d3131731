/**
 * `windtunnel validate`: published measurements beside predictions.
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { readResiduals, shippedResiduals, writeResiduals } from "../intervals/index.ts"
import type { InferenceRow, MeasurementSet } from "../validation/index.ts"
import { InputWrong } from "./failure.ts"
import { coverageDocument, coverageText } from "./interval-coverage.ts"
import { print, printJson, remark } from "./output.ts"
import { pointsText } from "./points-table.ts"
import { progressOf } from "./progress.ts"
import { jsonFlag } from "./run.ts"
import { readText, writeText } from "./text-file.ts"
import { version } from "./version.ts"

export const measurementsFlag = Flag.String("measurements").pipe(
  Flag.withMetavar("file"),
  Flag.withDescription(
    "A file of measurements to use instead of the shipped ones, of training, inference or both; may be repeated"
  ),
  Flag.between(0, 100)
)

export const validate = Command.make(
  "validate",
  {
    measurements: measurementsFlag,
    log: Flag.String("log").pipe(
      Flag.withMetavar("requests.jsonl"),
      Flag.withDescription("A server's log, a line a request with vLLM's timestamps, to be replayed; may be repeated"),
      Flag.between(0, 100)
    ),
    logMeta: Flag.String("log-meta").pipe(
      Flag.withMetavar("meta.json"),
      Flag.withDescription("What the server of each --log was; default: NAME_meta.json beside NAME_requests.jsonl"),
      Flag.between(0, 100)
    ),
    profile: Flag.String("profile").pipe(
      Flag.withMetavar("prefix"),
      Flag.withDescription("Measured kernels of the machine of each --log: a folder or the start of its files' names"),
      Flag.between(0, 100)
    ),
    markdown: Flag.Boolean("markdown").pipe(
      Flag.withDescription("Print the report as Markdown"),
      Flag.withDefault(false)
    ),
    write: Flag.String("write").pipe(
      Flag.withMetavar("file"),
      Flag.withDescription("Write the report there as Markdown, as docs/accuracy.md is written"),
      Flag.optional
    ),
    intervals: Flag.Boolean("intervals").pipe(
      Flag.withDescription("Print how many measured values lie in their prediction interval, source by source"),
      Flag.withDefault(false)
    ),
    writeResiduals: Flag.String("write-residuals").pipe(
      Flag.withMetavar("file"),
      Flag.withDescription(
        "Write what intervals are made of, as src/intervals/residuals.json keeps it (three minutes)"
      ),
      Flag.optional
    ),
    json: jsonFlag
  },
  Effect.fn("validate")(function* ({
    measurements,
    log,
    logMeta,
    profile,
    markdown,
    write,
    intervals,
    writeResiduals: residualFile,
    json
  }) {
    if (Option.isSome(residualFile)) yield* gathered(measurements, residualFile.value)
    if (intervals) {
      const residuals = yield* residualsOf(Option.getOrUndefined(residualFile))
      return yield* json ? printJson(coverageDocument(residuals)) : print(coverageText(residuals))
    }
    if (Option.isSome(residualFile)) return undefined
    const validation = yield* loadValidation
    const isOwn = measurements.length + log.length > 0
    const points: MeasurementSet =
      measurements.length === 0 && isOwn ? { training: [], inference: [] } : yield* measurementsOf(measurements)
    const logRows = isOwn
      ? yield* replayed(log, logMeta, profile)
      : yield* Effect.promise(() => validation.shippedLogRows(validation.predictServing))
    const progress = progressOf(points.training.length + points.inference.length)
    const training = validation.runValidation(points.training, (scenario) => {
      progress.step()
      return validation.simulateScenario(scenario)
    })
    const serving = validation.runServingValidation(points.inference, validation.predictServing, {
      onPoint: progress.step,
      logRows
    })
    progress.end()
    const report = validation.joinReports(training, serving)
    if (Option.isSome(write)) {
      const failure = writeText(write.value, validation.accuracyPage(report))
      if (failure !== undefined)
        return yield* new InputWrong({ text: `${write.value}\n  cannot write the report: ${failure}` })
      yield* remark(`wrote ${write.value}`)
    }
    if (json) return yield* printJson({ points: report.points, summary: report.summary })
    return yield* print(
      markdown ? validation.accuracyPage(report) : `${pointsText(report.points)}\n\n${validation.accuracyText(report)}`
    )
  })
).pipe(
  Command.withDescription("Compare predictions with every published measurement, by stack, accelerator and source"),
  Command.withExamples([
    { command: "windtunnel validate", description: "the shipped measurements" },
    { command: "windtunnel validate --measurements mine.json", description: "measurements of your own" },
    { command: "windtunnel validate --log server_requests.jsonl", description: "replay the log of a real server" },
    { command: "windtunnel validate --write docs/accuracy.md", description: "keep the tables" },
    { command: "windtunnel validate --intervals", description: "whether prediction intervals cover what they say" }
  ])
)

/** The measurements are large: they are loaded only by the commands that need them. */
export const loadValidation = Effect.promise(() => import("../validation/index.ts"))

/** Measurements of the files given, else the shipped ones. */
export const measurementsOf = Effect.fn("measurementsOf")(function* (files: readonly string[]) {
  const validation = yield* loadValidation
  if (files.length === 0) return yield* Effect.promise(() => validation.shippedMeasurementSet())
  const texts: { readonly name: string; readonly text: string }[] = []
  for (const name of files) texts.push({ name, text: yield* textOf(name, "the measurements") })
  const points = validation.readMeasurementFiles(texts)
  if (!("_tag" in points)) return points
  return yield* new InputWrong({ text: points.issues.map(validation.formatMeasurementIssue).join("\n") })
})

/** Predicts every measurement with and without its source, and keeps what came out. */
const gathered = Effect.fn("gathered")(function* (files: readonly string[], out: string) {
  const validation = yield* loadValidation
  const set = yield* measurementsOf(files)
  const progress = progressOf(set.training.length + set.inference.length)
  const residuals = validation.gatherResiduals(set, {
    simulate: validation.simulateScenario,
    predict: validation.predictServing,
    onPoint: progress.step
  })
  progress.end()
  const failure = writeText(out, writeResiduals(residuals, version))
  if (failure !== undefined) return yield* new InputWrong({ text: `${out}\n  cannot write the residuals: ${failure}` })
  return yield* remark(`wrote ${residuals.length} cases to ${out}`)
})

/** Of a file, else the shipped ones. */
const residualsOf = Effect.fn("residualsOf")(function* (file: string | undefined) {
  if (file === undefined) return yield* Effect.promise(() => shippedResiduals())
  return readResiduals(JSON.parse(yield* textOf(file, "the residuals")))
})

const textOf = Effect.fn("textOf")(function* (name: string, what: string) {
  const read = readText(name)
  if ("failure" in read) return yield* new InputWrong({ text: `${name}\n  cannot read ${what}: ${read.failure}` })
  if (/[\0\uFFFD]/.test(read.text))
    return yield* new InputWrong({ text: `${name}\n  cannot read ${what}: it is not text` })
  return read.text
})

/** Logs replayed; descriptions and profiles belong to the logs in order, a single profile to all of them. */
const replayed = Effect.fn("replayed")(function* (
  logs: readonly string[],
  metas: readonly string[],
  profiles: readonly string[]
) {
  const validation = yield* loadValidation
  const rows: InferenceRow[] = []
  for (const [index, file] of logs.entries()) {
    const text = yield* textOf(file, "the log")
    const metaFile = metas[index] ?? file.replace(/(_requests)?\.jsonl$/i, "_meta.json")
    const meta = validation.readLogMeta(yield* textOf(metaFile, "the server's description"), metaFile)
    if ("_tag" in meta) return yield* new InputWrong({ text: `${metaFile}\n  ${meta.problem}` })
    const log = validation.readRequestLog(text, file, meta)
    if ("_tag" in log) return yield* new InputWrong({ text: `${file}:${log.line}\n  ${log.problem}` })
    const prefix = profiles[index] ?? (profiles.length === 1 ? profiles[0] : undefined)
    rows.push(
      ...validation.compareLog(log, validation.predictServing, prefix === undefined ? undefined : { prefix, readText })
    )
  }
  return rows
})
