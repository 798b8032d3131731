/** Scenarios that nobody would write: shipped ones with values swapped, spoilt, doubled, cut or buried. Seeded. */
import { stringify } from "yaml"
import type { RandomStream } from "../../src/random/index.ts"

export type Chance = RandomStream
type Path = readonly (string | number)[]

export const whole = (chance: Chance, below: number): number => Math.floor(chance() * below)

export const pick = <T>(chance: Chance, values: readonly T[]): T => values[whole(chance, values.length)]!

/** A value inside of itself, inside of itself. */
const nested = (chance: Chance): unknown => {
  let value: unknown = pick(chance, [1, "x", null])
  for (let level = whole(chance, 90); level > 0; level--) value = chance() < 0.5 ? [value] : { a: value }
  return value
}

const numbers = [
  ...[Number.NaN, Infinity, -Infinity, -0, 0, -1, 0.5, 1.000001, 3, 7, 1e-300, 5e-324, 1e300, 1.7e308, -1e300],
  ...[1e6, 1e9, 1e15, 1e18, 2 ** 31, 2 ** 32 + 1, 2 ** 53, 123456789]
]

const words = [
  ...[
    "",
    " ",
    "~",
    "null",
    "true",
    "NaN",
    "1e999",
    "-5 GB",
    "80 GB",
    "5 parsecs",
    "1e300 GB/s",
    "0x10",
    "1_000",
    "ten"
  ],
  ...["a100-sxm-80gb", "nvlink3", "bloom-176b", "dgx-a100", "megatron-core", "1f1b", "full", "ring", "tp-tp-tp-tp"],
  ...["__proto__", "constructor", "toString", "../../etc/passwd", "\u0000", "\u001b[31m", "\u202e", "🦜".repeat(9)],
  ...["x".repeat(3000), "F0 B0", "F0 F0", "B0 F0", "F9999999 B0"]
]

/** A value of any type. */
export const junk = (chance: Chance): unknown => {
  switch (whole(chance, 8)) {
    case 0:
      return pick(chance, [null, true, false, undefined])
    case 1:
      return []
    case 2:
      return {}
    case 3:
      return nested(chance)
    case 4:
      return Array.from({ length: whole(chance, 40) }, () => pick(chance, numbers))
    case 5:
      return { extends: pick(chance, words), [pick(chance, words)]: pick(chance, numbers) }
    case 6:
      return pick(chance, words)
    default:
      return pick(chance, numbers)
  }
}

const isContainer = (value: unknown): value is Record<string | number, unknown> =>
  typeof value === "object" && value !== null

/** Every path in a value, that of the whole left out. */
const pathsIn = (value: unknown, above: Path = []): readonly Path[] =>
  isContainer(value) && above.length < 12
    ? Object.entries(value).flatMap(([key, inner]) => [[...above, key], ...pathsIn(inner, [...above, key])])
    : []

const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, step) => (isContainer(inner) ? inner[step] : undefined), value)

/** Puts a value, or undefined to take it away, at a path. */
const put = (root: unknown, path: Path, value: unknown): void => {
  const holder = at(root, path.slice(0, -1))
  const key = path.at(-1)
  if (!isContainer(holder) || key === undefined) return
  if (value === undefined) delete holder[key]
  else Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true })
}

/** A number near another: what still may make sense. */
const near = (chance: Chance, value: number): number =>
  pick(chance, [value * 2, value / 2, value + 1, value - 1, value * 3, 1, 2, 4, 8, -value, value * 1e6])

const change = (chance: Chance, root: unknown): void => {
  const paths = pathsIn(root)
  if (paths.length === 0) return
  const path = pick(chance, paths)
  const value = at(root, path)
  switch (whole(chance, 7)) {
    case 0:
      return put(root, path, undefined)
    case 1:
      return put(root, path, structuredClone(at(root, pick(chance, paths))))
    case 2: {
      const unknownKey = pick(chance, [`${String(path.at(-1))}s`, "unknown", "", "__proto__", "0", "extends"])
      return put(root, [...path.slice(0, -1), unknownKey], structuredClone(value))
    }
    case 3:
    case 4:
      return put(root, path, typeof value === "number" ? near(chance, value) : junk(chance))
    default:
      return put(root, path, junk(chance))
  }
}

/** A copy with one to four changes. */
export const mutated = (chance: Chance, scenario: unknown): unknown => {
  const copy: unknown = structuredClone(scenario)
  for (let changes = 1 + whole(chance, 4); changes > 0; changes--) change(chance, copy)
  return copy
}

/** A copy in which one number is another, or two are. */
export const withOtherNumber = (chance: Chance, scenario: unknown): unknown => {
  const copy: unknown = structuredClone(scenario)
  const paths = pathsIn(copy).filter((path) => typeof at(copy, path) === "number")
  for (let changes = 1 + whole(chance, 2); changes > 0; changes--) {
    const path = pick(chance, paths)
    const value = Number(at(copy, path))
    put(copy, path, pick(chance, [pick(chance, numbers), near(chance, value), value * 10 ** (whole(chance, 61) - 30)]))
  }
  return copy
}

const sizes = [1, 1, 1, 2, 2, 3, 4, 8, 16]

/** Layouts that mostly divide, over a shipped scenario: what comes through to the simulation. */
export const relaidOut = (chance: Chance, scenario: unknown): unknown => {
  const [tensor, pipeline, data, context] = [0, 1, 2, 3].map(() => pick(chance, sizes))
  const copy = structuredClone(scenario)
  const set = (path: Path, value: unknown): void => put(copy, path, value)
  set(["cluster", "nodes"], undefined)
  set(["cluster", "accelerators"], (tensor ?? 1) * (pipeline ?? 1) * (data ?? 1) * (context ?? 1))
  set(["training", "parallelism"], { tensor, pipeline, data, context, virtualPipeline: pick(chance, [1, 1, 2, 3]) })
  set(["training", "globalBatch"], pick(chance, [1, 2, 4, 6, 16]) * (data ?? 1))
  set(["training", "microBatch"], pick(chance, [1, 1, 2]))
  set(["training", "layerSplit"], undefined)
  set(["training", "zeroStage"], pick(chance, [0, 1, 2, 3]))
  set(
    ["training", "schedule"],
    pick(chance, [
      ...["1f1b", "gpipe", "naive", "zb-h1", "zb-v", "dualpipe", "interleaved", "v-min", "zb-2p", "dualpipe-v"],
      ...[0.01, 0.5, 1, 3].map((memoryLimit) => ({ automatic: { memoryLimit } })),
      { automatic: { memoryBytes: pick(chance, [1, "1 GB", "60 GB", 1e15]) } }
    ])
  )
  set(["training", "recompute"], pick(chance, ["none", "selective", "full", { blocks: 2 }]))
  set(["training", "expertImbalance"], pick(chance, [1, 1.5, 1000]))
  if (chance() < 0.3)
    set(["training", "expertCapacity"], { factor: pick(chance, [0.5, 1.25, 100]), padded: chance() < 0.5 })
  set(["training", "collective"], pick(chance, [{}, { algorithm: "ring" }, { algorithm: "nvls" }, { protocol: "LL" }]))
  set(["symmetry"], pick(chance, ["on", "off"]))
  set(["leap"], pick(chance, ["on", "off"]))
  return copy
}

/** YAML of a value; some values have none. */
export const yamlOf = (value: unknown): string => {
  try {
    return value === undefined ? "" : stringify(value)
  } catch {
    return ""
  }
}

/** A text with letters lost, doubled, moved or replaced, or cut off. */
export const spoiltText = (chance: Chance, text: string): string => {
  const from = whole(chance, text.length + 1)
  const to = Math.min(text.length, from + 1 + whole(chance, 20))
  const piece = text.slice(from, to)
  switch (whole(chance, 7)) {
    case 0:
      return text.slice(0, from)
    case 1:
      return text.slice(from)
    case 2:
      return text.slice(0, from) + text.slice(to)
    case 3:
      return text.slice(0, to) + piece + text.slice(to)
    case 4:
      return text.slice(0, from) + String.fromCodePoint(1 + whole(chance, 0x2ff)) + text.slice(to)
    case 5:
      return (
        text.slice(0, from) +
        pick(chance, [":", "- ", "\t", "{", "[", "&a ", "*a", "!!js ", "|\n", "'", "#", "---\n", "<<: "]) +
        text.slice(from)
      )
    default:
      return text.replaceAll(/\d+/g, (digits) => (chance() < 0.2 ? String(pick(chance, numbers)) : digits))
  }
}

/** Bytes, read as a file of text is. */
export const binaryText = (chance: Chance): string =>
  new TextDecoder().decode(Uint8Array.from({ length: whole(chance, 400) }, () => whole(chance, 256)))

const paths = [
  ...[
    "training.microBatch",
    "training.parallelism.tensor",
    "cluster.nodes",
    "model",
    "model.layers",
    "a.b.c.d",
    "seed"
  ],
  ...["training", "", ".", "..", "training.", "__proto__.x", "training.layerSplit.0", "cluster.scaleUp.link"]
]

/** Arguments of `--set`. */
export const assignments = (chance: Chance): readonly string[] =>
  Array.from({ length: 1 + whole(chance, 2) }, () => {
    const value = chance() < 0.5 ? pick(chance, words) : yamlOf(junk(chance)).trim()
    return pick(chance, [`${pick(chance, paths)}=${value}`, pick(chance, words), pick(chance, paths)])
  })
