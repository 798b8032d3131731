/**
 * `windtunnel validate`: published measurements beside predictions.
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { InputWrong } from "./failure.ts"
import { print, printJson, remark } from "./output.ts"
import { pointsText } from "./points-table.ts"
import { progressOf } from "./progress.ts"
import { jsonFlag } from "./run.ts"
import { readText, writeText } from "./text-file.ts"

export const measurementsFlag = Flag.String("measurements").pipe(
  Flag.withMetavar("file"),
  Flag.withDescription("A file of measurements to use instead of the shipped ones; may be repeated"),
  Flag.between(0, 100)
)

export const validate = Command.make(
  "validate",
  {
    measurements: measurementsFlag,
    markdown: Flag.Boolean("markdown").pipe(
      Flag.withDescription("Print the report as Markdown"),
      Flag.withDefault(false)
    ),
    write: Flag.String("write").pipe(
      Flag.withMetavar("file"),
      Flag.withDescription("Write the report there as Markdown, as docs/accuracy.md is written"),
      Flag.optional
    ),
    json: jsonFlag
  },
  Effect.fn("validate")(function* ({ measurements, markdown, write, json }) {
    const validation = yield* loadValidation
    const points = yield* measurementsOf(measurements)
    const progress = progressOf(points.length)
    const report = validation.runValidation(points, (scenario) => {
      progress.step()
      return validation.simulateScenario(scenario)
    })
    progress.end()
    if (Option.isSome(write)) {
      const failure = writeText(write.value, validation.reportMarkdown(report))
      if (failure !== undefined)
        return yield* new InputWrong({ text: `${write.value}\n  cannot write the report: ${failure}` })
      yield* remark(`wrote ${write.value}`)
    }
    if (json) return yield* printJson(report)
    return yield* print(
      markdown ? validation.reportMarkdown(report) : `${pointsText(report.points)}\n\n${validation.reportText(report)}`
    )
  })
).pipe(
  Command.withDescription("Compare predictions with every published measurement, by stack, accelerator and source"),
  Command.withExamples([
    { command: "windtunnel validate", description: "the shipped measurements" },
    { command: "windtunnel validate --measurements mine.json", description: "measurements of your own" },
    { command: "windtunnel validate --write docs/accuracy.md", description: "keep the tables" }
  ])
)

/** The measurements are large: they are loaded only by the commands that need them. */
export const loadValidation = Effect.promise(() => import("../validation/index.ts"))

/** Measurements of the files given, else the shipped ones. */
export const measurementsOf = Effect.fn("measurementsOf")(function* (files: readonly string[]) {
  const validation = yield* loadValidation
  if (files.length === 0) return yield* Effect.promise(() => validation.shippedMeasurements())
  const texts: { readonly name: string; readonly text: string }[] = []
  for (const name of files) {
    const read = readText(name)
    if ("failure" in read)
      return yield* new InputWrong({ text: `${name}\n  cannot read the measurements: ${read.failure}` })
    texts.push({ name, text: read.text })
  }
  const points = validation.readMeasurements(texts)
  if (!("_tag" in points)) return points
  return yield* new InputWrong({ text: points.issues.map(validation.formatMeasurementIssue).join("\n") })
})
