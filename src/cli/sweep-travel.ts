/**
 * What of a scenario can go to another thread or machine.
 */
import {
  isServing,
  resolveServing,
  resolveTraining,
  scenarioWith,
  type DecodedScenario,
  type ReadText,
  type ResolveOptions
} from "../scenario/index.ts"
import { formatBytes } from "../units/index.ts"
import type { SentFiles } from "./point-crew.ts"
import { readChunks } from "./read-chunks.ts"
import type { SweepPlan } from "./sweep-plan.ts"
import { readText } from "./text-file.ts"

/** Path of the first value that is no JSON, and what it is; undefined where everything can travel. */
export const cannotTravel = (scenario: DecodedScenario): string | undefined => found(scenario, "")

const found = (value: unknown, path: string): string | undefined => {
  switch (typeof value) {
    case "function":
      return `${path} is a function`
    case "number":
      return Number.isFinite(value) ? undefined : `${path} is ${String(value)}`
    case "bigint":
    case "symbol":
      return `${path} is a ${typeof value}`
    case "object": {
      if (value === null) return undefined
      const prototype: unknown = Object.getPrototypeOf(value)
      if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null)
        return `${path} is no plain map`
      for (const [key, inner] of Object.entries(value)) {
        const problem = found(inner, path === "" ? key : `${path}.${key}`)
        if (problem !== undefined) return problem
      }
      return undefined
    }
    default:
      return undefined
  }
}

/** Characters of files that go along with a sweep or plan: more would have to be handed out by other means than a database. */
const mostCharacters = 32e6

/** Keeps the files that are read through it, each read once. */
export interface FileKeeper {
  readonly reading: Required<Pick<ResolveOptions, "readText" | "readChunks">>
  /** What was read so far; why it cannot be sent, where it cannot. */
  readonly sent: () => SentFiles | string
}

export const fileKeeper = (): FileKeeper => {
  const files = new Map<string, ReturnType<ReadText>>()
  let characters = 0
  const keep = (path: string, read: ReturnType<ReadText>): ReturnType<ReadText> => {
    characters += "text" in read ? read.text.length : 0
    files.set(path, read)
    return read
  }
  return {
    reading: {
      readText: (path) => files.get(path) ?? keep(path, readText(path)),
      readChunks: (path, push) => {
        const read = files.get(path) ?? keep(path, wholeText(path))
        if ("failure" in read) return read.failure
        push(read.text)
        return undefined
      }
    },
    sent: () =>
      characters > mostCharacters
        ? `it reads files of ${formatBytes(characters)} (${[...files.keys()].join(", ")}), and at most ${formatBytes(mostCharacters)} go along with it`
        : Object.fromEntries(files)
  }
}

/**
 * The files that a sweep's points read, as they are here: read by resolving the scenario, and each value that could name one.
 *
 * @returns why they cannot be sent, where they cannot
 */
export const filesOf = ({ scenario, axes }: Pick<SweepPlan, "scenario" | "axes">): SentFiles | string => {
  const { reading, sent } = fileKeeper()
  for (const changes of [
    {},
    ...axes.flatMap(({ path, values }) => values.filter(hasText).map((value) => ({ [path]: value })))
  ]) {
    const loaded = scenarioWith({ scenario }, changes)
    if (loaded._tag === "Refused") continue
    if (isServing(loaded.scenario)) resolveServing(loaded, reading)
    else resolveTraining(loaded, reading)
    if (typeof sent() === "string") break
  }
  return sent()
}

/** Read to its end, whatever part of it is wanted; a little more than what can be sent tells that it cannot. */
const wholeText = (path: string): ReturnType<ReadText> => {
  const parts: string[] = []
  let length = 0
  const failure = readChunks(path, (part) => {
    parts.push(part)
    length += part.length
    return length > mostCharacters
  })
  return failure === undefined ? { text: parts.join("") } : { failure }
}

/** A file is named by a text, however deep in a value. */
const hasText = (value: unknown): boolean =>
  typeof value === "string" || (typeof value === "object" && value !== null && Object.values(value).some(hasText))
