/**
 * The files of a run, written whole or not at all: into temporary files first, then renamed.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync, openSync, writeSync, closeSync, existsSync } from "node:fs"
import { join } from "node:path"
import type { Trace } from "../trace/index.ts"
import { chromeTraceJson, encodeTrace } from "../trace/index.ts"
import type { ResultDocument } from "./result-document.ts"
import { reasonOf } from "./text-file.ts"

/** Slices beyond which the layers inside are left out of trace.json, which would grow to gigabytes. */
const mostExpanded = 20_000

type Content = string | Uint8Array | Iterable<string>

/** Writes the files of a run; returns what went wrong, having left nothing behind, or the names written. */
export const writeRun = (
  folder: string,
  document: ResultDocument,
  trace: Trace | null
): { readonly written: readonly string[] } | { readonly failure: string } => {
  const files = new Map<string, Content>([
    ["result.json", `${JSON.stringify(document, null, 2)}\n`],
    ["scenario.json", `${JSON.stringify(document.scenario, null, 2)}\n`]
  ])
  if (trace !== null) {
    files.set("trace.windtunnel", encodeTrace(trace))
    files.set("trace.json", chromeTraceJson(trace, { expandTemplates: trace.slices.start.length <= mostExpanded }))
  }
  const made = !existsSync(folder)
  const temporary = new Map([...files.keys()].map((name) => [name, join(folder, `.${name}.${process.pid}.tmp`)]))
  try {
    mkdirSync(folder, { recursive: true })
    for (const [name, content] of files) writeWhole(temporary.get(name) ?? "", content)
    for (const [name, path] of temporary) renameSync(path, join(folder, name))
    return { written: [...files.keys()].map((name) => join(folder, name)) }
  } catch (error) {
    for (const path of temporary.values()) remove(path)
    if (made) remove(folder)
    return { failure: `cannot write to ${folder}: ${reasonOf(error)}` }
  }
}

/** Takes away what is there; what never came to be cannot be taken away. */
const remove = (path: string): void => {
  try {
    rmSync(path, { force: true, recursive: true })
  } catch {
    // Nothing was there: the path leads through a file, or its folder may not be read.
  }
}

const writeWhole = (path: string, content: Content): void => {
  if (typeof content === "string" || content instanceof Uint8Array) return writeFileSync(path, content)
  const file = openSync(path, "w")
  try {
    for (const chunk of content) writeSync(file, chunk)
  } finally {
    closeSync(file)
  }
}
