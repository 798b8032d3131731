/** Shipped scenarios, loaded and simulated as `windtunnel run` does. */
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import {
  fitsOneRequest,
  isServing,
  loadScenario,
  resolveServing,
  resolveTraining,
  scenarioFromData,
  type ReadText
} from "../../src/scenario/index.ts"
import { conservationFindings, simulateServing, summariseServing } from "../../src/serving/index.ts"
import { isImpossible, simulateTraining } from "../../src/training/index.ts"

const folder = fileURLToPath(new URL("../../scenarios/", import.meta.url))

const readText: ReadText = (path) => {
  try {
    return { text: readFileSync(path, "utf8") }
  } catch (error) {
    return { failure: String(error) }
  }
}

const load = async (file: string, set: readonly string[]) => {
  const path = `${folder}${file}`
  if (file.endsWith(".yaml")) return loadScenario({ file: path, readText, set })
  const script: unknown = await import(path)
  const data = typeof script === "object" && script !== null && "default" in script ? script.default : undefined
  return scenarioFromData({ name: path, data, readText, set })
}

/** Every scenario that comes with the product, as a path below scenarios/. */
const files: readonly string[] = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => /\.(yaml|ts)$/.test(file))
  .sort()

const kinds = await Promise.all(
  files.map(async (file) => {
    const loaded = await load(file, [])
    return loaded._tag === "LoadedScenario" && isServing(loaded.scenario) ? "serving" : "training"
  })
)

/** Those about training, and those about serving. */
export const shipped = files.filter((_file, index) => kinds[index] === "training")
export const shippedServers = files.filter((_file, index) => kinds[index] === "serving")

/** A shipped scenario of serving with its result, and what is not conserved in it. */
export const serveScenario = async (file: string, set: readonly string[] = []) => {
  const loaded = await load(file, set)
  if (loaded._tag === "Refused") throw new Error(`${file}: ${JSON.stringify(loaded.issues)}`)
  const resolved = resolveServing(loaded, { readText })
  if (resolved._tag === "Refused") throw new Error(`${file}: ${JSON.stringify(resolved.issues)}`)
  const { job } = resolved
  if (!fitsOneRequest(job)) return { resolved, result: undefined, findings: [] }
  const log = simulateServing(job)
  return { resolved, result: summariseServing(job, log), findings: conservationFindings(job, log) }
}

/** A shipped scenario of training with its result. */
export const runScenario = async (file: string, set: readonly string[] = []) => {
  const loaded = await load(file, set)
  if (loaded._tag === "Refused") throw new Error(`${file}: ${JSON.stringify(loaded.issues)}`)
  const resolved = resolveTraining(loaded, { readText })
  if (resolved._tag === "Refused") throw new Error(`${file}: ${JSON.stringify(resolved.issues)}`)
  const result = simulateTraining(resolved.job)
  if (isImpossible(result)) throw new Error(`${file}: ${JSON.stringify(result)}`)
  return { resolved, measured: loaded.scenario.measured, result }
}

export const tutorial = readFileSync(`${folder}README.md`, "utf8")
