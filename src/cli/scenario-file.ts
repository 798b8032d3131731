/**
 * Finding and opening the scenario that an argument names: a file, a script, or the name of a shipped scenario.
 */
import { existsSync, readdirSync, statSync } from "node:fs"
import { extname, resolve } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { nearestNames } from "../catalog/index.ts"
import { loadScenario, scenarioFromData, show, type LoadedScenario, type Refused } from "../scenario/index.ts"
import { readText } from "./text-file.ts"

const shippedFolder = fileURLToPath(new URL("../../scenarios/", import.meta.url))
/** Standard input and other nameless files hold data too. */
const dataFiles = [".yaml", ".yml", ".json", ""]
const scripts = [".ts", ".mts", ".js", ".mjs"]

/** Names of the scenarios that come with the product. */
export const shippedScenarios = (): readonly string[] =>
  existsSync(shippedFolder)
    ? readdirSync(shippedFolder)
        .filter((file) => file.endsWith(".yaml"))
        .map((file) => file.slice(0, -".yaml".length))
    : []

/** The file that an argument means. */
export const scenarioPath = (argument: string): string | Refused => {
  const found = kindOf(argument)
  if (found === "file") return argument
  const names = shippedScenarios()
  if (names.includes(argument)) return `${shippedFolder}${argument}.yaml`
  if (found === "folder") return refused(argument, `${show(argument)} is a folder`, [])
  const isName = /^[\w-]+$/.test(argument)
  return refused(
    argument,
    isName ? `there is no file and no shipped scenario ${show(argument)}` : `there is no file ${show(argument)}`,
    isName ? nearestNames(argument, names) : []
  )
}

const kindOf = (path: string): "file" | "folder" | undefined => {
  try {
    return statSync(path).isDirectory() ? "folder" : "file"
  } catch {
    // Whatever the reason, there is nothing here that could be read.
    return undefined
  }
}

export const openScenario = async (argument: string, set: readonly string[]): Promise<LoadedScenario | Refused> => {
  const file = scenarioPath(argument)
  if (typeof file !== "string") return file
  const extension = extname(file).toLowerCase()
  if (dataFiles.includes(extension)) return loadScenario({ file, readText, set })
  if (!scripts.includes(extension)) return refused(file, `cannot tell what a ${show(extension)} file is`, [])
  try {
    const script: unknown = await import(pathToFileURL(resolve(file)).href)
    const data: unknown =
      typeof script === "object" && script !== null && "default" in script ? script.default : undefined
    return scenarioFromData({ name: file, data, readText, set })
  } catch (error) {
    return refused(
      file,
      `the script failed: ${error instanceof Error ? (error.message.split("\n")[0] ?? "") : show(error)}`,
      []
    )
  }
}

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
