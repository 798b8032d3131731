/**
 * Files as the scenario room wants them: text, or a reason in plain words.
 */
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"
import type { ReadText } from "../scenario/index.ts"

const largest = 256e6

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  ENOTDIR: "a folder of its path is a file",
  EISDIR: "it is a folder",
  EEXIST: "something else has that name",
  EACCES: "permission denied",
  EPERM: "permission denied",
  ELOOP: "its links go in a circle",
  ENAMETOOLONG: "the name is too long",
  Z_DATA_ERROR: "it is not a whole gzip file",
  Z_BUF_ERROR: "it is not a whole gzip file",
  ERR_BUFFER_TOO_LARGE: "it is larger than 256 MB"
}

/** Words for an error of the file system. */
export const reasonOf = (error: unknown): string => {
  const code = error instanceof Error && "code" in error ? String(error.code) : ""
  return reasons[code] ?? (code === "" ? "it cannot be read" : `it cannot be read (${code})`)
}

/** Tables are published compressed: where `table.csv` is missing `table.csv.gz` stands for it. */
const compressed = ".gz"

const bytesOf = (path: string): Uint8Array => {
  const bytes = readFileSync(path)
  return path.endsWith(compressed) ? gunzipSync(bytes, { maxOutputLength: largest }) : bytes
}

export const readText: ReadText = (written) => {
  try {
    const path = !existsSync(written) && existsSync(written + compressed) ? written + compressed : written
    const found = statSync(path)
    if (found.isDirectory()) return { failure: "it is a folder" }
    if (!found.isFile() && !found.isFIFO()) return { failure: "it is not a file" }
    if (found.size > largest) return { failure: "it is larger than 256 MB" }
    return { text: new TextDecoder().decode(bytesOf(path)) }
  } catch (error) {
    return { failure: reasonOf(error) }
  }
}

/** Writes a file whole or not at all; returns what went wrong. */
export const writeText = (file: string, text: string): string | undefined => {
  const temporary = `${file}.${process.pid}.tmp`
  try {
    writeFileSync(temporary, text)
    renameSync(temporary, file)
    return undefined
  } catch (error) {
    rmSync(temporary, { force: true })
    return reasonOf(error)
  }
}
