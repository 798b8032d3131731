/**
 * Finding and opening the scenario that an argument names: a file, a script, or the name of a shipped scenario.
 */
import { statSync } from "node:fs"
import { extname } from "node:path"
import * as Effect from "effect/Effect"
import { nearestNames } from "../catalog/index.ts"
import { loadScenario, scenarioFromData, show, type LoadedScenario, type Refused } from "../scenario/index.ts"
import { inputWrong } from "./failure.ts"
import { importScript } from "./scenario-script.ts"
import { shippedFile, shippedList, shippedNames } from "./shipped.ts"
import { readText } from "./text-file.ts"

/** Standard input and other nameless files hold data too. */
const dataFiles = [".yaml", ".yml", ".json", ""]
const scripts = [".ts", ".mts", ".js", ".mjs"]

/** No scenario, and what there would have been. */
export interface Unopened extends Refused {
  readonly hint?: string
}

/** The file that an argument means. */
export const scenarioPath = (argument: string): string | Unopened => {
  const found = kindOf(argument)
  if (found === "file") return argument
  const shipped = shippedFile(argument)
  if (shipped !== undefined) return shipped
  if (found === "folder") return refused(argument, `${show(argument)} is a folder`, [])
  // Whoever writes "scenarios/bloom-176b.yaml" where there is no such folder means the shipped one.
  const name = argument.replace(/^(?:\.\/)?scenarios\//, "").replace(/\.(?:ya?ml|json|m?[jt]s)$/, "")
  const isName = /^[\w/-]{1,100}$/.test(name)
  const nearest = isName ? nearestNames(name, shippedNames()) : []
  return isName && name === argument
    ? {
        ...refused(argument, `there is no file and no shipped scenario ${show(argument)}`, nearest),
        hint: `  shipped scenarios:\n${shippedList()}`
      }
    : refused(argument, `there is no file ${show(argument)}`, nearest)
}

const kindOf = (path: string): "file" | "folder" | undefined => {
  try {
    return statSync(path).isDirectory() ? "folder" : "file"
  } catch {
    // Whatever the reason, there is nothing here that could be read.
    return undefined
  }
}

export const openScenario = async (argument: string, set: readonly string[]): Promise<LoadedScenario | Unopened> => {
  const file = scenarioPath(argument)
  if (typeof file !== "string") return file
  const extension = extname(file).toLowerCase()
  if (dataFiles.includes(extension)) return loadScenario({ file, readText, set })
  if (!scripts.includes(extension)) return refused(file, `cannot tell what a ${show(extension)} file is`, [])
  try {
    const data = await importScript(file)
    return scenarioFromData({ name: file, data, readText, set })
  } catch (error) {
    return refused(
      file,
      `the script failed: ${error instanceof Error ? (error.message.split("\n")[0] ?? "") : show(error)}`,
      []
    )
  }
}

/** The same as an effect that fails with the message. */
export const openedScenario = Effect.fn("openedScenario")(function* (argument: string, set: readonly string[]) {
  const loaded = yield* Effect.promise(() => openScenario(argument, set))
  return loaded._tag === "Refused" ? yield* inputWrong(loaded.issues, loaded.hint) : loaded
})

const refused = (source: string, problem: string, nearest: readonly string[]): Refused => ({
  _tag: "Refused",
  issues: [
    {
      _tag: "ScenarioIssue",
      source,
      path: "",
      problem,
      given: show(source),
      expected: "a .yaml, .yml, .json, .ts, .js or .mjs file, or the name of a shipped scenario",
      nearest
    }
  ]
})
