/**
 * `windtunnel validate`: published measurements beside predictions.
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { InputWrong } from "./failure.ts"
import { print, printJson } from "./output.ts"
import { jsonFlag } from "./run.ts"
import { readText } from "./text-file.ts"

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
    json: jsonFlag
  },
  Effect.fn("validate")(function* ({ measurements, markdown, json }) {
    const validation = yield* loadValidation
    const points = yield* measurementsOf(measurements)
    const report = validation.runValidation(points, validation.simulateScenario)
    if (json) return yield* printJson(report)
    return yield* print(markdown ? validation.reportMarkdown(report) : validation.reportText(report))
  })
).pipe(
  Command.withDescription("Compare predictions with every published measurement, by stack, accelerator and source"),
  Command.withExamples([
    { command: "windtunnel validate", description: "the shipped measurements" },
    { command: "windtunnel validate --measurements mine.json", description: "measurements of your own" }
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
