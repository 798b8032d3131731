/**
 * `windtunnel calibrate`: the constants of accelerators, links and stacks refitted to measurements.
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { find, isUnknownName } from "../catalog/index.ts"
import { parseKernelTable } from "../kernels/index.ts"
import type { Calibration, CollectiveFit, KernelResidual, MeasuredKernel } from "../validation/index.ts"
import { calibrateServing, servingReportOf } from "./calibrate-serving.ts"
import { InputWrong } from "./failure.ts"
import { print, printJson, remark } from "./output.ts"
import { jsonFlag } from "./run.ts"
import { readText, writeText } from "./text-file.ts"
import { loadValidation, measurementsFlag, measurementsOf } from "./validate.ts"

export const calibrate = Command.make(
  "calibrate",
  {
    measurements: measurementsFlag,
    kernels: Flag.String("kernels").pipe(
      Flag.withMetavar("accelerator=file.csv"),
      Flag.withDescription("Measured matrix multiplications of an accelerator, fitted beside the shipped ones"),
      Flag.between(0, 100)
    ),
    iterations: Flag.Int("iterations").pipe(
      Flag.withDescription("Most steps of the fit; default 10"),
      Flag.withDefault(10)
    ),
    out: Flag.String("out").pipe(
      Flag.withMetavar("file"),
      Flag.withDescription(
        "Write the refitted constants, as src/catalog/constants/fitted.json keeps them; from a CSV the profile"
      ),
      Flag.optional
    ),
    serving: Flag.Boolean("serving").pipe(
      Flag.withDescription(
        "Refit the constants of served inference instead (src/catalog/constants/fitted-serving.json)"
      ),
      Flag.withDefault(false)
    ),
    json: jsonFlag
  },
  Effect.fn("calibrate")(function* ({ measurements, kernels, iterations, out, serving, json }) {
    if (measurements.some(isTable)) {
      if (!measurements.every(isTable) || kernels.length > 0 || serving)
        return yield* new InputWrong({
          text: "--measurements with a .csv calibrates one machine: no .json, --kernels or --serving beside it (kernels are rows of the table)"
        })
      const { calibrateMachineCommand } = yield* Effect.promise(() => import("./calibrate-machine.ts"))
      return yield* calibrateMachineCommand(measurements, Option.getOrUndefined(out), json)
    }
    const validation = yield* loadValidation
    if (serving) {
      const onProgress = (text: string): void => {
        if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
      }
      const { calibration, constants } = yield* calibrateServing(measurements, iterations, onProgress)
      if (process.stderr.isTTY) yield* remark("")
      if (Option.isSome(out)) yield* writeConstants(out.value, constants)
      return json ? yield* printJson({ constants, serving: calibration }) : yield* print(servingReportOf(calibration))
    }
    const { training: points } = yield* measurementsOf(measurements)
    const own = yield* kernelsOf(kernels)
    const shipped = yield* Effect.promise(() => validation.shippedKernels())
    const kernelFit = validation.fitKernelLaws({
      kernels: [...shipped, ...own],
      fixed: validation.borrowedKernelConstants
    })
    const collectives = validation.fitCollectives(
      validation.measuredCollectives(yield* Effect.promise(() => validation.shippedCollectives()))
    )
    const isShown = process.stderr.isTTY
    const calibration = validation.calibrate({
      measurements: points,
      iterations,
      kernelConstants: kernelFit.constants,
      onProgress: (text) => {
        if (isShown) process.stderr.write(`\r\x1b[K${text}`)
      }
    })
    if (isShown) yield* remark("")
    const constants = validation.calibratedConstants(
      kernelFit.constants,
      calibration.constants,
      measurements.length === 0 ? "the shipped measurements" : measurements.join(", ")
    )
    if (Option.isSome(out)) yield* writeConstants(out.value, constants)
    if (json) return yield* printJson({ constants, kernels: kernelFit.residuals, collectives, training: calibration })
    return yield* print(
      [reportOf(calibration, kernelFit.residuals, kernelFit.constants.length), collectivesOf(collectives)].join("\n\n")
    )
  })
).pipe(
  Command.withDescription("Refit the constants of accelerators, links and stacks to measurements"),
  Command.withExamples([
    { command: "windtunnel calibrate", description: "repeat the shipped fit (about five minutes)" },
    { command: "windtunnel calibrate --measurements mine.json --out fitted.json", description: "fit to your own" },
    { command: "windtunnel calibrate --measurements mine.csv --out my.profile.json", description: "your own machine" },
    { command: "windtunnel calibrate --serving", description: "repeat the fit of served inference (three minutes)" }
  ])
)

/** A table of measurements of one machine; measurements of many are JSON. */
const isTable = (file: string): boolean => /\.csv$/i.test(file)

const kernelsOf = Effect.fn("kernelsOf")(function* (assignments: readonly string[]) {
  const validation = yield* loadValidation
  const kernels: MeasuredKernel[] = []
  for (const assignment of assignments) {
    const [name = "", file = ""] = assignment.split("=", 2)
    const accelerator = find("accelerators", name)
    if (isUnknownName(accelerator))
      return yield* new InputWrong({
        text: `--kernels ${assignment}\n  there is no accelerator "${name}"\n  expected accelerator=file.csv; did you mean ${accelerator.nearest.join(", ")}?`
      })
    const read = readText(file)
    if ("failure" in read)
      return yield* new InputWrong({ text: `--kernels ${assignment}\n  cannot read the table: ${read.failure}` })
    const tables = parseKernelTable(file, read.text)
    if ("_tag" in tables)
      return yield* new InputWrong({
        text: `${file}:${tables.line}\n  given ${tables.given}\n  expected ${tables.expected}`
      })
    kernels.push(...tables.flatMap((table) => validation.kernelsOfTable(accelerator, table)))
  }
  return kernels
})

const writeConstants = Effect.fn("writeConstants")(function* (file: string, constants: unknown) {
  const failure = writeText(file, `${JSON.stringify(constants, null, 2)}\n`)
  if (failure !== undefined) return yield* new InputWrong({ text: `${file}\n  cannot write the constants: ${failure}` })
  return undefined
})

/** NCCL's constants, which live in `src/cluster/nccl.ts`, as the sweeps ask for them, beside what is shipped. */
const collectivesOf = (fits: readonly CollectiveFit[]): string =>
  fits
    .map(({ generation, values, shipped, points, median, p90 }) =>
      [
        `${`collectives, ${generation}`.padEnd(24)}${"fitted".padStart(10)}${"shipped".padStart(10)}   n ${points}, median ${percent(median).trim()} %, p90 ${percent(p90).trim()} %`,
        ...Object.entries(values).map(
          ([key, value]) => `${key.padEnd(24)}${scaled(value).padStart(10)}${scaled(shipped[key] ?? NaN).padStart(10)}`
        )
      ].join("\n")
    )
    .join("\n\n")

/** Times in microseconds, shares as they are. */
const scaled = (value: number): string => (value < 1e-3 ? `${figures(value * 1e6)} us` : figures(value))

const percent = (value: number): string => (100 * value).toFixed(1).padStart(6)
const figures = (value: number): string => value.toPrecision(3)

const reportOf = (calibration: Calibration, residuals: readonly KernelResidual[], kernelConstants: number): string =>
  [
    `${kernelConstants} constants fitted to measured kernels, ${calibration.constants.length} to ${calibration.points} training measurements`,
    `median error ${percent(calibration.before).trim()} % before, ${percent(calibration.after).trim()} % after`,
    "",
    `${"constant".padEnd(46)}${"value".padStart(9)}  ${"80 % interval".padEnd(16)}${"n".padStart(4)}`,
    ...calibration.constants.map(
      ({ key, value, interval, points }) =>
        `${key.padEnd(46)}${figures(value).padStart(9)}  ${`${figures(interval[0])}..${figures(interval[1])}`.padEnd(16)}${String(points).padStart(4)}`
    ),
    "",
    `${"kernels".padEnd(46)}${"n".padStart(6)}${"median %".padStart(10)}${"p90 %".padStart(8)}`,
    ...residuals.map(
      ({ efficiencyClass, kernel, points, median, p90 }) =>
        `${`${efficiencyClass} ${kernel}`.padEnd(46)}${String(points).padStart(6)}${percent(median).padStart(10)}${percent(p90).padStart(8)}`
    ),
    "",
    `${"predicted without the source".padEnd(46)}${"n".padStart(6)}${"median %".padStart(10)}${"p90 %".padStart(8)}`,
    ...calibration.leftOut.map(
      ({ source, points, median, p90 }) =>
        `${source.padEnd(46)}${String(points).padStart(6)}${percent(median).padStart(10)}${percent(p90).padStart(8)}`
    )
  ].join("\n")
