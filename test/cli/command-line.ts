/** The command line run inside of the test's own process, and folders that the test may fill. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { vi } from "vitest"
import { program } from "../../src/cli/program.ts"

export interface Ended {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs `windtunnel` with arguments; nothing reaches the real output. */
export const windtunnel = async (...args: readonly string[]): Promise<Ended> => {
  let [stdout, stderr] = ["", ""]
  const out = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    stdout += String(text)
    return true
  })
  const error = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    stderr += String(text)
    return true
  })
  const log = vi.spyOn(console, "log").mockImplementation((...words: readonly unknown[]) => {
    stdout += `${words.join(" ")}\n`
  })
  try {
    const status = await Effect.runPromise(program(args))
    return { status, stdout, stderr }
  } finally {
    out.mockRestore()
    error.mockRestore()
    log.mockRestore()
  }
}

/** A folder of its own for a test, taken away afterwards. */
export const inFolder = async <A>(body: (folder: string) => Promise<A>): Promise<A> => {
  const folder = mkdtempSync(join(tmpdir(), "windtunnel-test-"))
  try {
    return await body(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export const write = (folder: string, name: string, content: string | Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

/** 8 accelerators, small enough to be simulated in milliseconds. */
export const small = `name: Small
cluster:
  system: dgx-a100
  accelerators: 8
model: bloom-1b1
training:
  parallelism: { tensor: 2, pipeline: 2, data: 2 }
  microBatch: 1
  globalBatch: 8
  sequenceLength: 2048
  recompute: full
  stack: megatron-deepspeed
`
