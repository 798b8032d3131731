/**
 * What a test file starts ends with it: processes and folders are known to a keeper that outlives even a killed test run.
 */
import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Writable } from "node:stream"
import { fileURLToPath } from "node:url"

let input: Writable | undefined

const tell = (line: string): void => {
  if (input === undefined) {
    const script = fileURLToPath(new URL("keeper.mjs", import.meta.url))
    // In a session of its own, or a Ctrl-C in the terminal would end it with the tests.
    const keeper = spawn(process.execPath, [script], { detached: true, stdio: ["pipe", "ignore", "ignore"] })
    keeper.unref()
    input = keeper.stdin
  }
  input.write(`${line}\n`)
}

/** @param signal what ends the process if nobody else does */
export const keep = (child: ChildProcess, signal: "SIGKILL" | "SIGQUIT" = "SIGKILL"): void => {
  const { pid } = child
  if (pid === undefined) return
  tell(`start ${pid} ${signal}`)
  child.once("exit", () => tell(`end ${pid}`))
}

/** A new folder, and what deletes it. */
export const keptFolder = (name: string): readonly [folder: string, remove: () => void] => {
  const folder = mkdtempSync(join(tmpdir(), `windtunnel-${name}-`))
  tell(`folder ${folder}`)
  return [folder, () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })]
}

/** A file system that a test has mounted at a folder. */
export const unmountLater = (folder: string): void => tell(`mount ${folder}`)

/** Resolves when a process is gone, also if it is already. */
export const gone = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit")
}
