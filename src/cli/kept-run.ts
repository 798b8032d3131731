/**
 * What an argument of `windtunnel report` stands for: a scenario, or a run that was kept, which holds its scenario.
 */
import { existsSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import * as Effect from "effect/Effect"
import { scenarioFromData, type LoadedScenario } from "../scenario/index.ts"
import { InputWrong, inputWrong } from "./failure.ts"
import { openedScenario } from "./scenario-file.ts"
import { readText } from "./text-file.ts"

export interface OpenedRun {
  readonly loaded: LoadedScenario
  /** The argument with which a command opens the scenario again. */
  readonly scenario: string
  /** The folder that the run was kept in. */
  readonly folder: string | undefined
  /** What was kept, to say where the simulation of today differs. */
  readonly kept: { readonly windtunnel: unknown; readonly hash: unknown } | undefined
}

export const openedRun = Effect.fn("openedRun")(function* (argument: string, set: readonly string[]) {
  const file = existsSync(join(argument, "result.json")) ? join(argument, "result.json") : argument
  const kept = resultIn(file)
  if (kept === undefined) {
    const scenario: OpenedRun = {
      loaded: yield* openedScenario(argument, set),
      scenario: argument,
      folder: undefined,
      kept: undefined
    }
    return scenario
  }
  const folder = dirname(file)
  // Beside the result lies its scenario, with paths that hold from anywhere.
  const beside = join(folder, "scenario.json")
  if (existsSync(beside)) {
    const run: OpenedRun = { loaded: yield* openedScenario(beside, set), scenario: beside, folder, kept }
    return run
  }
  const loaded = scenarioFromData({ name: basename(file), data: kept.scenario, readText, set })
  if (loaded._tag === "Refused")
    return yield* /=>|function/.test(JSON.stringify(kept.scenario) ?? "")
      ? new InputWrong({
          text: `${argument}\n  its scenario has a function, which result.json cannot hold\n  expected the scenario's script`
        })
      : inputWrong(loaded.issues)
  const run: OpenedRun = { loaded, scenario: file, folder, kept }
  return run
})

interface Kept {
  readonly windtunnel: unknown
  readonly hash: unknown
  readonly scenario: unknown
}

/** A result document, where a file is one. */
const resultIn = (file: string): Kept | undefined => {
  if (!file.endsWith(".json")) return undefined
  const read = readText(file)
  if ("failure" in read) return undefined
  try {
    const value: unknown = JSON.parse(read.text)
    if (typeof value !== "object" || value === null || !("windtunnel" in value) || !("scenario" in value))
      return undefined
    return { windtunnel: value.windtunnel, hash: "hash" in value ? value.hash : undefined, scenario: value.scenario }
  } catch {
    return undefined
  }
}
