/**
 * The commands, and how the process ends: 0 done, 1 the cluster cannot run the work, 2 the input is wrong.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as CliConfig from "effect/cli/CliConfig"
import type * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { calibrate } from "./calibrate.ts"
import { catalog } from "./catalog.ts"
import { compare } from "./compare.ts"
import type { CannotRun, InputWrong } from "./failure.ts"
import { helpPage } from "./help-page.ts"
import { importArguments, importCommand } from "./import.ts"
import { memoryArguments } from "./memory-wanted.ts"
import { print, printJson, remark } from "./output.ts"
import { plan } from "./plan.ts"
import { refusalDocument } from "./result-document.ts"
import { report } from "./report.ts"
import { run } from "./run.ts"
import { results } from "./results.ts"
import { schema } from "./schema.ts"
import { sensitivity } from "./sensitivity.ts"
import { shippedList } from "./shipped.ts"
import { sweep } from "./sweep.ts"
import { validate } from "./validate.ts"
import { version } from "./version.ts"
import { view } from "./view.ts"
import { work } from "./work.ts"

const windtunnel = Command.make("windtunnel").pipe(
  Command.withDescription("Simulate multi-GPU training and serving before anyone buys hardware"),
  Command.withExamples([
    { command: "windtunnel run bloom-176b", description: "predict an iteration of a shipped scenario" },
    { command: "windtunnel catalog systems", description: "what can be simulated" }
  ]),
  Command.withSubcommands([
    run,
    report,
    view,
    compare,
    sensitivity,
    sweep,
    work,
    plan,
    results,
    validate,
    calibrate,
    importCommand,
    catalog,
    schema
  ])
)

/** Whoever names two scenarios wants them side by side. */
const severalText = "\n  a run is of one scenario; `windtunnel compare A B` lays several side by side"

type Failure = CliError.CliError | InputWrong | CannotRun

/** Exit status, after the last words on standard error. */
const end = (status: number, text: string): Effect.Effect<number> =>
  Effect.as(text === "" ? Effect.void : remark(text), status)

/** Wrong input is said on standard error; with `--json` there is a document of it on standard output as well. */
const refuse = (
  isJson: boolean,
  text: string,
  { issues = [], changesThatRun = [] }: Pick<InputWrong, "issues" | "changesThatRun"> = {}
): Effect.Effect<number> =>
  Effect.andThen(isJson ? printJson(refusalDocument(text, issues, changesThatRun)) : Effect.void, end(2, text))

const finish = (failure: Failure, isJson: boolean): Effect.Effect<number> => {
  switch (failure._tag) {
    case "InputWrong":
      return refuse(isJson, failure.text, failure)
    case "CannotRun":
      return end(1, failure.text)
    case "ShowHelp": {
      if (failure.errors.length === 0) return Effect.succeed(0)
      const command = failure.commandPath.join(" ")
      const said = failure.errors.map(({ message }) => message).join("\n")
      const hasScenario = ["windtunnel run", "windtunnel view", "windtunnel compare", "windtunnel plan"].includes(
        command
      )
      const isMissing = failure.errors.some(({ _tag }) => _tag === "MissingArgument")
      const isOneTooMany = failure.errors.some(({ _tag }) => _tag === "UnexpectedArgument")
      const shipped = hasScenario && isMissing ? `\n  shipped scenarios:\n${shippedList()}` : ""
      const several = command === "windtunnel run" && isOneTooMany ? severalText : ""
      return refuse(isJson, `${said}${shipped}${several}\n  see \`${command} --help\``)
    }
    default:
      return refuse(isJson, failure.message)
  }
}

/** A fault of ours: said in one line, with the way to see more. */
const fault = (cause: Cause.Cause<never>): Effect.Effect<number> => {
  const error = Cause.squash(cause)
  const detail = process.env["WINDTUNNEL_DEBUG"] === undefined ? String(error) : Cause.pretty(cause)
  return end(70, `windtunnel failed, which is a fault of windtunnel: ${detail}\n  WINDTUNNEL_DEBUG=1 shows more`)
}

/** Help goes to standard output when it is asked for; a wrong invocation gets a message, not a page of help. */
const presenter: CliOutput.Presenter = {
  present: (event) => {
    if (event._tag === "InvalidInvocation") return Effect.void
    return event._tag === "Help" ? print(helpPage(event.helpDoc)) : CliOutput.defaultPresenter.present(event)
  }
}

const services = Layer.mergeAll(
  NodeServices.layer,
  CliOutput.layerPresenter(presenter),
  Layer.succeed(
    CliConfig.CliConfig,
    CliConfig.make({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions] })
  )
)

/** Runs the command line of these arguments to its exit status. */
export const program = (args: readonly string[]): Effect.Effect<number> =>
  Command.runWith(windtunnel, { version })(memoryArguments(importArguments(args))).pipe(
    Effect.as(0),
    Effect.catch((failure) => finish(failure, args.includes("--json"))),
    Effect.catchCause((cause) => (Cause.hasInterruptsOnly(cause) ? Effect.failCause(cause) : fault(cause))),
    Effect.provide(services)
  )

/** Runs the process's command line; the process ends by itself once everything is written. */
export const start = (): void =>
  program(process.argv.slice(2)).pipe(
    Effect.map((status) => {
      process.exitCode = status
    }),
    NodeRuntime.runMain({ disableErrorReporting: true })
  )
