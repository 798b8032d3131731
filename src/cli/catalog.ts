/**
 * `windtunnel catalog`: what the simulator knows, and where each fact was read.
 */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import {
  allConstants,
  catalogue,
  find,
  isUnknownName,
  nearestNames,
  type EntryOf,
  type Kind
} from "../catalog/index.ts"
import { show } from "../scenario/index.ts"
import { constantsText, constantText, countOf, originsText } from "./catalog-constants.ts"
import { factCoverage, factsText, kernelCoverage, measurementsText, runCoverage } from "./catalog-coverage.ts"
import { fieldLines } from "./catalog-fields.ts"
import { InputWrong } from "./failure.ts"
import { print, printJson } from "./output.ts"
import { jsonFlag } from "./run.ts"
import { loadValidation } from "./validate.ts"
import { hanging } from "./wrapping.ts"

const kinds: readonly Kind[] = [
  "accelerators",
  "links",
  "systems",
  "models",
  "stacks",
  "serving-stacks",
  "quantisations"
]
const words: readonly string[] = [...kinds, "constants"]

type Entry = EntryOf[Kind]

/** The kind that a word means; `accelerator` is as good as `accelerators`. */
const kindOf = (word: string): Kind | undefined => kinds.find((kind) => kind === word || kind === `${word}s`)

export const catalog = Command.make(
  "catalog",
  {
    kind: Argument.String("kind").pipe(
      Argument.withDescription(
        "accelerators, links, systems, models, stacks, serving-stacks, quantisations or constants"
      ),
      Argument.optional
    ),
    name: Argument.String("name").pipe(Argument.withDescription("An entry of that kind"), Argument.optional),
    json: jsonFlag,
    coverage: Flag.Boolean("coverage").pipe(
      Flag.withDescription(
        "Count the measurements behind each accelerator, number format and stack, and the sources of facts"
      ),
      Flag.withDefault(false)
    )
  },
  Effect.fn("catalog")(function* ({ kind: given, name: wanted, json, coverage }) {
    const word = Option.getOrUndefined(given)
    const name = Option.getOrUndefined(wanted)
    if (word === "constants" || word === "constant") return yield* showConstants(name, json)
    const kind = word === undefined ? undefined : kindOf(word)
    if (word !== undefined && kind === undefined) return yield* unknownKind(word)
    if (coverage) return yield* showCoverage(kind, json)
    if (kind === undefined)
      return json
        ? yield* printJson({
            ...Object.fromEntries(kinds.map((one) => [one, catalogue[one]])),
            constants: constantsDocument().constants
          })
        : yield* print(overview())
    if (name === undefined)
      return json ? yield* printJson({ [kind]: catalogue[kind] }) : yield* print(list(catalogue[kind]))
    const entry = find(kind, name)
    if (isUnknownName(entry)) return yield* unknownName(kind, name, entry.nearest)
    return json ? yield* printJson(entry) : yield* print(`${entry.title}\n\n${fieldLines(entry).join("\n")}`)
  })
).pipe(
  Command.withDescription(
    "List what the simulator knows: machines, models, software, number formats, constants; or show one with its sources"
  ),
  Command.withExamples([
    { command: "windtunnel catalog", description: "the kinds" },
    { command: "windtunnel catalog systems", description: "the entries of a kind" },
    { command: "windtunnel catalog models bloom-176b", description: "one entry with its sources" },
    { command: "windtunnel catalog constants", description: "everything that was fitted to measurements" }
  ])
)

const constantsDocument = () => {
  const constants = allConstants()
  return {
    fitted: countOf(constants, "fitted"),
    constants: constants.map(({ key, constant }) => Object.assign({ key }, constant))
  }
}

const showConstants = Effect.fn("showConstants")(function* (name: string | undefined, json: boolean) {
  const constants = allConstants()
  if (name === undefined) return json ? yield* printJson(constantsDocument()) : yield* print(constantsText(constants))
  const found = constants.find(({ key }) => key === name)
  if (found === undefined) {
    const keys = constants.map(({ key }) => key)
    return yield* unknownName("constants", name, nearestNames(name, keys))
  }
  return json ? yield* printJson({ key: name, ...found.constant }) : yield* print(`${name}\n\n${constantText(found)}`)
})

const showCoverage = Effect.fn("showCoverage")(function* (kind: Kind | undefined, json: boolean) {
  const facts = (kind === undefined ? kinds : [kind]).map((one) => factCoverage(one, catalogue[one]))
  if (kind !== undefined) return json ? yield* printJson(facts) : yield* print(factsText(facts))
  const validation = yield* loadValidation
  const runs = runCoverage(yield* Effect.promise(() => validation.shippedMeasurements()), validation.toScenario)
  const kernels = kernelCoverage(yield* Effect.promise(() => validation.shippedKernels()))
  if (json) return yield* printJson({ runs, kernels, facts })
  return yield* print(
    [
      measurementsText(
        "measured training runs",
        "software stack",
        runs.map((row) => Object.assign({ what: row.stack }, row))
      ),
      measurementsText(
        "measured kernels",
        "kernel",
        kernels.map((row) => Object.assign({ what: row.kernel }, row))
      ),
      factsText(facts)
    ].join("\n\n")
  )
})

const overview = (): string => {
  const constants = allConstants()
  return [
    ...kinds.map(
      (kind) => `${kind.padEnd(16)}${String(catalogue[kind].length).padStart(4)}   windtunnel catalog ${kind}`
    ),
    `${"constants".padEnd(16)}${String(constants.length).padStart(4)}   windtunnel catalog constants`,
    "",
    originsText(constants),
    "`windtunnel catalog --coverage` counts the measurements behind them"
  ].join("\n")
}

const list = (entries: readonly Entry[]): string => {
  const width = Math.max(...entries.map(({ name }) => name.length)) + 2
  return entries.flatMap(({ name, title }) => hanging(name, title, width)).join("\n")
}

const unknownKind = (word: string): InputWrong =>
  new InputWrong({
    text: `there is no kind ${show(word)} of catalogue entries\n  expected one of ${words.join(", ")}${meant(nearestNames(word, words, 1))}`
  })

const unknownName = (kind: Kind | "constants", name: string, nearest: readonly string[]): InputWrong =>
  new InputWrong({
    text: `there is no ${kind.slice(0, -1)} ${show(name)}\n  expected a name from \`windtunnel catalog ${kind}\`${meant(nearest)}`
  })

const meant = (nearest: readonly string[]): string =>
  nearest.length === 0 ? "" : `; did you mean ${nearest.join(", ")}?`
