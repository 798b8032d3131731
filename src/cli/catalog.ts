/**
 * `windtunnel catalog`: what the simulator knows, and where each fact was read.
 */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { catalogue, find, isUnknownName, nearestNames, type EntryOf, type Kind } from "../catalog/index.ts"
import { show } from "../scenario/index.ts"
import { formatCount } from "../units/index.ts"
import { coverageOf } from "./catalog-coverage.ts"
import { fieldLines } from "./catalog-fields.ts"
import { InputWrong } from "./failure.ts"
import { print, printJson } from "./output.ts"
import { jsonFlag } from "./run.ts"

const kinds: readonly Kind[] = ["accelerators", "links", "systems", "models", "stacks"]

type Entry = EntryOf[Kind]

/** The kind that a word means; `accelerator` is as good as `accelerators`. */
const kindOf = (word: string): Kind | undefined => kinds.find((kind) => kind === word || kind === `${word}s`)

export const catalog = Command.make(
  "catalog",
  {
    kind: Argument.String("kind").pipe(
      Argument.withDescription("accelerators, links, systems, models or stacks"),
      Argument.optional
    ),
    name: Argument.String("name").pipe(Argument.withDescription("An entry of that kind"), Argument.optional),
    json: jsonFlag,
    coverage: Flag.Boolean("coverage").pipe(
      Flag.withDescription("How many entries and facts there are, and how many facts have a source of their own"),
      Flag.withDefault(false)
    )
  },
  Effect.fn("catalog")(function* (options) {
    const word = Option.getOrUndefined(options.kind)
    const name = Option.getOrUndefined(options.name)
    const kind = word === undefined ? undefined : kindOf(word)
    if (word !== undefined && kind === undefined) return yield* unknownKind(word)
    const chosen = kind === undefined ? kinds : [kind]
    if (options.coverage) {
      const coverage = chosen.map((kind) => coverageOf(kind, catalogue[kind]))
      return options.json
        ? yield* printJson(coverage)
        : yield* print(
            coverage
              .map(
                ({ kind, entries, facts, sourced }) =>
                  `${kind.padEnd(14)}${entries} entries, ${formatCount(facts)} facts, ${formatCount(sourced)} with a source of their own`
              )
              .join("\n")
          )
    }
    if (kind !== undefined && name !== undefined) {
      const entry = find(kind, name)
      if (isUnknownName(entry)) return yield* unknownName(kind, name, entry.nearest)
      return options.json ? yield* printJson(entry) : yield* print(`${entry.title}\n\n${fieldLines(entry).join("\n")}`)
    }
    if (options.json) return yield* printJson(Object.fromEntries(chosen.map((kind) => [kind, catalogue[kind]])))
    return yield* print(kind === undefined ? overview() : list(catalogue[kind]))
  })
).pipe(
  Command.withDescription("List accelerators, links, systems, models and stacks, or show one with its sources"),
  Command.withExamples([
    { command: "windtunnel catalog", description: "the kinds" },
    { command: "windtunnel catalog systems", description: "the entries of a kind" },
    { command: "windtunnel catalog models bloom-176b", description: "one entry with its sources" }
  ])
)

const overview = (): string =>
  kinds
    .map((kind) => `${kind.padEnd(14)}${String(catalogue[kind].length).padStart(4)}   windtunnel catalog ${kind}`)
    .join("\n")

const list = (entries: readonly Entry[]): string => {
  const width = Math.max(...entries.map(({ name }) => name.length)) + 2
  return entries.map(({ name, title }) => `${name.padEnd(width)}${title}`).join("\n")
}

const unknownKind = (word: string): InputWrong =>
  new InputWrong({
    text: `there is no kind ${show(word)} of catalogue entries\n  expected one of ${kinds.join(", ")}; did you mean ${nearestNames(word, kinds, 1).join(", ")}?`
  })

const unknownName = (kind: Kind, name: string, nearest: readonly string[]): InputWrong =>
  new InputWrong({
    text: `there is no ${kind.slice(0, -1)} ${show(name)}\n  expected a name from \`windtunnel catalog ${kind}\`; did you mean ${nearest.join(", ")}?`
  })
