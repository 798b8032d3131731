/** What `windtunnel view` shows: the files of a run's folder, a trace, or a scenario that is simulated first. */
import { existsSync, openSync, readSync, closeSync, statSync } from "node:fs"
import { basename, extname, join } from "node:path"
import * as Effect from "effect/Effect"
import { impossibleIssue, isServing, resolveTraining, type LoadedScenario } from "../scenario/index.ts"
import { isImpossible, simulateTraining } from "../training/index.ts"
import { cannotBeLaidOut } from "./cannot-be-laid-out.ts"
import { InputWrong } from "./failure.ts"
import { resultDocument } from "./result-document.ts"
import { openedScenario } from "./scenario-file.ts"
import { filesOf } from "./served-run.ts"
import { shortName } from "./shipped.ts"
import { readText } from "./text-file.ts"
import type { ServedFile } from "./view-server.ts"

export interface Shown {
  readonly files: ReadonlyMap<string, ServedFile>
  readonly scenarioName?: string
}

export const filesToShow = Effect.fn("filesToShow")(function* (target: string, set: readonly string[]) {
  const kind = kindOf(target)
  if (kind !== "scenario" && set.length > 0)
    return yield* new InputWrong({ text: "--set changes a scenario; this is a run that was simulated already" })
  if (kind === "folder") {
    const files = runFiles(target)
    return files === undefined
      ? yield* new InputWrong({ text: `${target} has no trace: expected a folder that \`windtunnel run --out\` wrote` })
      : { files, scenarioName: join(target, "scenario.json") }
  }
  if (kind === "trace") return { files: new Map([[basename(target), { path: target }]]) }
  const loaded = yield* openedScenario(target, set)
  return { files: yield* simulated(loaded), scenarioName: shortName(target) }
})

const kindOf = (target: string): "folder" | "trace" | "scenario" => {
  if (!existsSync(target)) return "scenario"
  if (statSync(target).isDirectory()) return "folder"
  if ([".windtunnel", ".gz"].includes(extname(target))) return "trace"
  return extname(target) === ".json" && looksLikeTrace(target) ? "trace" : "scenario"
}

/** Trace events are a list, or name themselves at the beginning. */
const looksLikeTrace = (path: string): boolean => {
  const file = openSync(path, "r")
  try {
    const bytes = Buffer.alloc(65_536)
    const start = bytes.toString("utf8", 0, readSync(file, bytes))
    return /^\s*\[/.test(start) || /"(?:traceEvents|displayTimeUnit|schemaVersion|deviceProperties)"/.test(start)
  } finally {
    closeSync(file)
  }
}

const runFiles = (folder: string): ReadonlyMap<string, ServedFile> | undefined => {
  const has = (name: string): boolean => existsSync(join(folder, name))
  const trace = ["trace.windtunnel", "trace.json"].find(has)
  if (trace === undefined) return undefined
  const names = [trace, ...["result.json", "scenario.json"].filter(has)]
  return new Map(names.map((name) => [name, { path: join(folder, name) }]))
}

const simulated = Effect.fn("simulated")(function* (loaded: LoadedScenario) {
  if (isServing(loaded.scenario)) {
    const { servedRun } = yield* Effect.promise(() => import("./view-serving.ts"))
    return yield* servedRun(loaded)
  }
  const resolved = resolveTraining(loaded, { readText, trace: "full" })
  if (resolved._tag === "Refused") return yield* cannotBeLaidOut(loaded, resolved.issues)
  const outcome = simulateTraining(resolved.job)
  if (isImpossible(outcome)) return yield* cannotBeLaidOut(loaded, [impossibleIssue(outcome, loaded)])
  const document = resultDocument(resolved, outcome)
  return filesOf(outcome.trace, document, document.scenario)
})
