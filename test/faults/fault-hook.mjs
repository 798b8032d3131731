/**
 * Loaded into the processes under test with `--import`, in each of their threads: makes points of a sweep and fleets of a
 * plan go wrong, from outside of the product. `WINDTUNNEL_FAULTS` lists which and how (`Fault` of processes.ts). All that it
 * changes are the functions that simulate them.
 */
import { existsSync, writeFileSync } from "node:fs"
import { registerHooks } from "node:module"

const faults = JSON.parse(process.env.WINDTUNNEL_FAULTS ?? "[]")

const nap = new Int32Array(new SharedArrayBuffer(4))

const ways = {
  /** Ends the thread, or the process if it is the main thread. */
  exit: () => process.exit(13),
  /** Ends the whole process as the kernel does when memory is short. */
  kill: () => {
    process.kill(process.pid, "SIGKILL")
    Atomics.wait(nap, 0, 0)
  },
  throw: () => {
    throw new Error("a fault on purpose")
  },
  /** Fills the heap until there is no more. */
  heap: () => {
    const hoard = []
    for (;;) hoard.push(Array.from({ length: 1_000_000 }, Math.random))
  },
  slow: ({ milliseconds }) => Atomics.wait(nap, 0, 0, milliseconds),
  /** Says that it is there, and stays until a file appears. */
  hold: ({ reached, until }) => {
    writeFileSync(reached, String(process.pid))
    while (!existsSync(until)) Atomics.wait(nap, 0, 0, 10)
  }
}

const isMeant = ({ changes, seed }, at) =>
  Object.entries(at).every(([path, value]) => (path === "seed" ? seed : changes[path]) === value)

globalThis.windtunnelFault = (request) => {
  for (const fault of faults) if (isMeant(request, fault.at)) ways[fault.way](fault)
}

const heads = {
  "/src/report/point.ts": [
    "export const simulatePoint = (request: PointRequest, reading: ResolveOptions): Point => {",
    "globalThis.windtunnelFault(request);"
  ],
  // The fields of a fleet of a plan are its request's.
  "/src/planner/capacity/fleet.ts": [
    "export const simulateFleet = (request: FleetRequest, options: ResolveOptions = {}): FleetOutcome => {",
    "globalThis.windtunnelFault({ changes: request, seed: request.seed });"
  ]
}

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    const found = Object.entries(heads).find(([file]) => url.endsWith(file))
    if (found === undefined) return loaded
    const [head, fault] = found[1]
    const source = String(loaded.source)
    if (!source.includes(head)) throw new Error(`fault-hook.mjs no longer finds its function in ${url}`)
    return { ...loaded, source: source.replace(head, `${head} ${fault}`) }
  }
})
