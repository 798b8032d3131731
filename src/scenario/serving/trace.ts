/**
 * The recorded workload of a scenario, read piece by piece: a file of any size is never held as one text.
 */
import { isTraceRefusal, makeTraceReader, type RequestTrace } from "../../serving/index.ts"
import { hashBytes } from "../hash.ts"
import { show, type Finding } from "../issue.ts"
import type { ReadChunks, ResolveOptions } from "../resolve-options.ts"
import type { ServingScenario } from "../schema.ts"

export interface ReadTrace {
  readonly trace: RequestTrace | null
  /** Fingerprints of what was read. */
  readonly hashes: readonly string[]
}

const path = ["workload", "arrivals", "trace", "file"]

/** Reads whole texts where nothing better is given. */
const throughText =
  (readText: ResolveOptions["readText"]): ReadChunks =>
  (file, push) => {
    const read = readText?.(file) ?? { failure: "there are no files here" }
    if ("failure" in read) return read.failure
    push(read.text)
    return undefined
  }

export const traceOf = (
  written: ServingScenario["workload"]["arrivals"]["trace"],
  { readChunks, readText }: ResolveOptions
): ReadTrace | readonly Finding[] => {
  if (written === undefined) return { trace: null, hashes: [] }
  const { file, format, onBadRow = "refuse" } = written
  const reader = makeTraceReader({ name: file, onBadRow, ...(format === undefined ? {} : { format }) })
  const failure = (readChunks ?? throughText(readText))(file, (text) => reader.push(text) !== undefined)
  if (failure !== undefined)
    return [
      {
        path,
        problem: `cannot read ${show(file)}: ${failure}`,
        given: show(file),
        expected: "the path of a recorded workload, relative to the scenario file"
      }
    ]
  const trace = reader.finish()
  if (isTraceRefusal(trace)) {
    const { name, line, column, given, expected } = trace
    const where = `${name}${line > 0 ? `:${line}` : ""}${column === undefined ? "" : `, ${column}`}`
    return [{ path, problem: `${where}: given ${given}`, given, expected }]
  }
  return { trace, hashes: [hashTrace(trace)] }
}

const hashTrace = ({ arrivalSeconds, promptTokens, outputTokens, prefixes }: RequestTrace): string =>
  [arrivalSeconds, promptTokens, outputTokens, ...(prefixes === null ? [] : [prefixes.first, prefixes.ids])]
    .map(({ buffer, byteOffset, byteLength }) => hashBytes(new Uint8Array(buffer, byteOffset, byteLength)))
    .join("")
