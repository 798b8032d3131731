/** A file as bytes to what it is: a trace of ours, trace events, a result, a scenario; packed or not. */
import { decodeTrace } from "../../src/trace/index.ts"
import { badFile, hasEvents, readChromeEvents, type BadFile, type ReadTrace } from "./chrome-events.ts"

export type Opened =
  | ({ readonly _tag: "Trace" } & ReadTrace)
  | { readonly _tag: "Result"; readonly document: Readonly<Record<string, unknown>> }
  | { readonly _tag: "Scenario"; readonly name: string; readonly text: string }

/** Unpacked files beyond this are refused: a small file may unpack to more than the memory. */
const largestBytes = 2e9

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** Unpacks gzip. */
export const unpack = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | BadFile> => {
  try {
    const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")).getReader()
    const chunks: Uint8Array[] = []
    let length = 0
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      chunks.push(value)
      length += value.length
      if (length > largestBytes) {
        await reader.cancel()
        return badFile("the file unpacks to more than 2 GB")
      }
    }
    const whole = new Uint8Array(length)
    let at = 0
    for (const chunk of chunks) {
      whole.set(chunk, at)
      at += chunk.length
    }
    return whole
  } catch {
    return badFile("the gzip file is damaged or cut short")
  }
}

/** JSON text; a list of events that was cut short, as Chrome writes them, is closed after its last whole event. */
const parseJson = (text: string): { readonly value: unknown } | BadFile => {
  try {
    return { value: JSON.parse(text) }
  } catch (error) {
    const last = text.lastIndexOf("}")
    const isList = /^\s*\[/.test(text.slice(0, 100))
    if (last > 0 && (isList || text.includes('"traceEvents"')))
      for (const closing of isList ? ["]"] : ["]}", "}"]) {
        try {
          return { value: JSON.parse(text.slice(0, last + 1) + closing) }
        } catch {
          // Not closed in this way either.
        }
      }
    return badFile(`not valid JSON: ${error instanceof Error ? error.message.slice(0, 200) : ""}`)
  }
}

export const openBytes = async (name: string, packed: Uint8Array<ArrayBuffer>): Promise<Opened | BadFile> => {
  const bytes = isGzip(packed) ? await unpack(packed) : packed
  if ("_tag" in bytes) return bytes
  if (bytes.length === 0) return badFile("the file is empty")
  if (new TextDecoder().decode(bytes.subarray(0, 7)) === "WTTRACE") {
    const trace = decodeTrace(bytes)
    if ("_tag" in trace) return badFile(`the trace is ${trace.problem}: ${trace.detail}`)
    return { _tag: "Trace", trace, categoryOf: () => "", argumentsOf: () => ({}), remarks: [] }
  }
  if (bytes.length > 510e6) return badFile("the file is larger than the 510 MB of text that a browser can hold")
  const text = new TextDecoder().decode(bytes)
  if (/\.ya?ml$/i.test(name.replace(/\.gz$/i, ""))) return { _tag: "Scenario", name, text }
  if (!/^\s*[[{]/.test(text.slice(0, 1000)))
    return /^[\w#]/.test(text.trimStart().slice(0, 1)) &&
      text.length < 1e6 &&
      /^\s*(?:cluster|extends|model|name)\s*:/m.test(text)
      ? { _tag: "Scenario", name, text }
      : badFile("neither a trace, a result nor a scenario")
  const parsed = parseJson(text)
  if ("_tag" in parsed) return parsed
  const { value } = parsed
  if (hasEvents(value)) {
    const read = readChromeEvents(value)
    return "_tag" in read ? read : { _tag: "Trace", ...read }
  }
  if (typeof value !== "object" || value === null) return badFile("neither a trace, a result nor a scenario")
  if ("result" in value && "windtunnel" in value) return { _tag: "Result", document: { ...value } }
  if ("cluster" in value || "extends" in value) return { _tag: "Scenario", name, text }
  return badFile("neither a trace, a result nor a scenario")
}
