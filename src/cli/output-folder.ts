/**
 * The files of a run, written whole or not at all: into temporary files first, then renamed.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync, openSync, writeSync, closeSync, existsSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import type { Trace } from "../trace/index.ts"
import { chromeTraceJson, encodeTrace } from "../trace/index.ts"
import { reasonOf } from "./text-file.ts"
import { timelinePage } from "./timeline-page.ts"

/** Slices beyond which the layers inside are left out of trace.json, which would grow to gigabytes. */
const mostExpanded = 20_000

export type Content = string | Uint8Array | Iterable<string>

export type FilesWritten = { readonly written: readonly string[] } | { readonly failure: string }

/**
 * Writes the files of a run; returns what went wrong, having left nothing behind, or the names written. A timeline.html
 * that cannot be made, as in a checkout without vite, is only remarked upon.
 *
 * @param scenario  what running again takes; undefined where no file can hold it
 * @param more      further files by name, in pieces
 */
export const writeRun = (
  folder: string,
  document: unknown,
  scenario: unknown,
  trace: Trace | null,
  more: ReadonlyMap<string, Iterable<string>> = new Map()
): { readonly written: readonly string[]; readonly remarks: readonly string[] } | { readonly failure: string } => {
  const remarks: string[] = []
  const files = new Map<string, Content>([
    ["result.json", `${JSON.stringify(document, null, 2)}\n`],
    ...(scenario === undefined ? [] : [["scenario.json", `${JSON.stringify(scenario, null, 2)}\n`] as const]),
    ...more
  ])
  if (trace !== null) {
    const encoded = encodeTrace(trace)
    files.set("trace.windtunnel", encoded)
    files.set("trace.json", chromeTraceJson(trace, { expandTemplates: trace.slices.start.length <= mostExpanded }))
    const texts = ["result.json", "scenario.json"].flatMap((name) => {
      const text = files.get(name)
      return typeof text === "string" ? [[name, text] as const] : []
    })
    const built = timelinePage(new Map<string, string | Uint8Array>([["trace.windtunnel", encoded], ...texts]))
    if ("page" in built) files.set("timeline.html", built.page)
    else remarks.push(`no timeline.html: ${built.failure}`)
  }
  const outcome = writeFiles(folder, files)
  return "failure" in outcome ? outcome : { ...outcome, remarks }
}

/** Writes files by name; returns what went wrong, having left nothing behind, or the names written. */
export const writeFiles = (folder: string, files: ReadonlyMap<string, Content>): FilesWritten => {
  const made = !existsSync(folder)
  const temporary = new Map([...files.keys()].map((name) => [name, join(folder, `.${name}.${process.pid}.tmp`)]))
  try {
    makeFolder(folder)
    for (const [name, content] of files) writeWhole(temporary.get(name) ?? "", content)
    for (const [name, path] of temporary) renameSync(path, join(folder, name))
    return { written: [...files.keys()].map((name) => join(folder, name)) }
  } catch (error) {
    for (const path of temporary.values()) remove(path)
    if (made) remove(folder)
    return { failure: `cannot write to ${folder}: ${reasonOf(error)}` }
  }
}

/** A folder and the folders above it. Node's own recursion never ends where a file system such as /proc takes none. */
const makeFolder = (folder: string): void => {
  const missing: string[] = []
  for (let path = resolve(folder); !existsSync(path); path = dirname(path)) missing.push(path)
  for (const path of missing.toReversed()) {
    try {
      mkdirSync(path)
    } catch (error) {
      // Another run may have made it meanwhile.
      if (!existsSync(path)) throw error
    }
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
