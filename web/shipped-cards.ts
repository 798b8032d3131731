/**
 * The shipped scenarios as cards, read when the page is built: the start page shows them without loading the simulator.
 */
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { Plugin } from "vite"
import { loadScenario, resolveScenario, type ReadText } from "../src/scenario/index.ts"
import type { Card } from "./start/card.ts"

const root = fileURLToPath(new URL("..", import.meta.url))

/** Cards of the YAML files of scenarios/, by name; one that this program refuses has none. */
export const shippedCards = (): readonly Card[] => {
  const files = readdirSync(`${root}/scenarios`, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".yaml"))
    .map((path) => `scenarios/${path.replaceAll("\\", "/")}`)
  const texts = new Map(files.sort().map((file) => [file, readFileSync(`${root}/${file}`, "utf8")]))
  const readText: ReadText = (path) => {
    const text = texts.get(path)
    return text === undefined ? { failure: "there is no such file" } : { text }
  }
  return [...texts.keys()].flatMap((file) => {
    const loaded = loadScenario({ file, readText })
    if (loaded._tag === "Refused") return []
    const { scenario } = loaded
    const resolved = resolveScenario(loaded, { readText, trace: "off" })
    if (resolved._tag === "Refused") return []
    const name = file.replace(/^scenarios\/(.*)\.yaml$/, "$1")
    const layout = "training" in scenario ? scenario.training.parallelism : scenario.serving.parallelism
    return [
      {
        name,
        title: scenario.name ?? name,
        kind:
          "training" in scenario ? ("training" in scenario && scenario.training.run ? "run" : "training") : "serving",
        stages: layout?.pipeline ?? 1,
        tensor: layout?.tensor ?? 1,
        accelerators: resolved._tag === "ResolvedTraining" ? resolved.accelerators : 0
      } satisfies Card
    ]
  })
}

const request = "virtual:windtunnel-cards"

export const cardsModule = (): Plugin => ({
  name: "windtunnel-cards",
  resolveId: (id) => (id === request ? `\0${request}` : undefined),
  load: (id) => (id === `\0${request}` ? `export const cards = ${JSON.stringify(shippedCards())}` : undefined)
})
