/**
 * Commands of windtunnel as processes of their own, to be stopped, killed and watched.
 */
import { spawn, type ChildProcess } from "node:child_process"
import { setTimeout as pause } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { keep } from "./keeping.ts"

const launcher = fileURLToPath(new URL("../../bin/windtunnel.mjs", import.meta.url))
const hook = new URL("fault-hook.mjs", import.meta.url).href
const databaseHook = new URL("small-database-hook.mjs", import.meta.url).href

/** What goes wrong at the points whose fields and seed are `at`; see fault-hook.mjs. */
export type Fault = { readonly at: Readonly<Record<string, unknown>> } & (
  | { readonly way: "exit" | "kill" | "throw" | "heap" }
  | { readonly way: "slow"; readonly milliseconds: number }
  | { readonly way: "hold"; readonly reached: string; readonly until: string }
)

export interface Ending {
  /** Exit status; null = ended by a signal. */
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly pid: number
  readonly ended: Promise<Ending>
  readonly isRunning: () => boolean
  /** What it said so far. */
  readonly said: () => string
  readonly signal: (signal: NodeJS.Signals) => void
  /** kill -9; resolves when it is dead. */
  readonly kill: () => Promise<Ending>
}

const alive = new Set<ChildProcess>()

const watch = (child: ChildProcess): Running => {
  keep(child)
  alive.add(child)
  let [stdout, stderr] = ["", ""]
  child.stdout?.on("data", (chunk) => (stdout += String(chunk)))
  child.stderr?.on("data", (chunk) => (stderr += String(chunk)))
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once("error", reject)
    child.once("close", (status, signal) => {
      alive.delete(child)
      resolve({ status, signal, stdout, stderr })
    })
  })
  return {
    pid: child.pid ?? -1,
    ended,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    said: () => `${stdout}${stderr}`,
    signal: (signal) => void child.kill(signal),
    kill: () => {
      child.kill("SIGKILL")
      return ended
    }
  }
}

export interface StartOptions {
  readonly faults?: readonly Fault[]
  /** Bytes that the process may write into one file; the kernel refuses more. */
  readonly largestFile?: number
  /** Bytes that an SQLite file may grow to; SQLite says of more that the disk is full. */
  readonly largestDatabase?: number
  /** Megabytes of objects that a thread may hold. */
  readonly heap?: number
}

/** Starts `windtunnel` with arguments. */
export const startCommand = (args: readonly string[], options: StartOptions = {}): Running => {
  const { faults = [], largestFile, largestDatabase, heap } = options
  const nodeOptions = [
    ...(faults.length === 0 ? [] : [`--import=${hook}`]),
    ...(largestDatabase === undefined ? [] : [`--import=${databaseHook}`]),
    ...(heap === undefined ? [] : [`--max-old-space-size=${heap}`])
  ]
  const env = {
    ...process.env,
    NODE_OPTIONS: nodeOptions.join(" "),
    WINDTUNNEL_FAULTS: JSON.stringify(faults),
    WINDTUNNEL_LARGEST_DATABASE: String(largestDatabase ?? "")
  }
  const command = [process.execPath, launcher, ...args]
  // POSIX counts the limit in blocks of 512 bytes.
  const limited = ["sh", "-c", `ulimit -f ${Math.floor((largestFile ?? 0) / 512)} && exec "$@"`, "sh", ...command]
  const [file, ...rest] = largestFile === undefined ? command : limited
  return watch(spawn(file!, rest, { env, stdio: ["ignore", "pipe", "pipe"] }))
}

/** Runs `windtunnel` to its end. */
export const runCommand = (args: readonly string[], options?: StartOptions): Promise<Ending> =>
  startCommand(args, options).ended

/** For `afterEach`: nothing that a test started goes on after it. */
export const killAll = async (): Promise<void> => {
  const children = [...alive]
  for (const child of children) child.kill("SIGKILL")
  await Promise.all(children.map((child) => new Promise((resolve) => child.once("close", resolve))))
}

/**
 * Resolves when a condition holds, asking again and again.
 *
 * @param what   for the message when it takes longer than `seconds`
 * @param watched processes that must go on meanwhile: the end of one is an error with what it said
 */
export const until = async (
  what: string,
  holds: () => boolean | Promise<boolean>,
  watched: readonly Running[] = [],
  seconds = 120
): Promise<void> => {
  const last = performance.now() + seconds * 1000
  while (!(await holds())) {
    const dead = watched.find((one) => !one.isRunning())
    if (dead !== undefined && !(await holds())) throw new Error(`ended before ${what}:\n${dead.said()}`)
    if (performance.now() > last)
      throw new Error(`waited ${seconds} s for ${what}:\n${watched.map((one) => one.said()).join("\n")}`)
    await pause(10)
  }
}
