/**
 * Files of any size as text in pieces, for traces that nobody wants to hold whole.
 */
import { closeSync, openSync, readSync, statSync } from "node:fs"
import type { ReadChunks } from "../scenario/index.ts"
import { reasonOf } from "./text-file.ts"

const chunkBytes = 1 << 20

export const readChunks: ReadChunks = (path, push) => {
  let file: number | undefined
  try {
    const found = statSync(path)
    if (found.isDirectory()) return "it is a folder"
    if (!found.isFile() && !found.isFIFO()) return "it is not a file"
    file = openSync(path, "r")
    const buffer = new Uint8Array(chunkBytes)
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
    for (let isStopped = false; !isStopped;) {
      const length = readSync(file, buffer)
      isStopped = length === 0 || push(decoder.decode(buffer.subarray(0, length), { stream: true })) === true
    }
    return undefined
  } catch (error) {
    return reasonOf(error)
  } finally {
    if (file !== undefined) closeSync(file)
  }
}
