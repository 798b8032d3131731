/** A run that was simulated for the viewer as the files that a run's folder would have. */
import { encodeTrace, type Trace } from "../trace/index.ts"
import type { ServedFile } from "./view-server.ts"

export const filesOf = (trace: Trace | null, document: unknown, scenario: unknown): ReadonlyMap<string, ServedFile> =>
  new Map<string, ServedFile>([
    ...(trace === null ? [] : [["trace.windtunnel", { bytes: encodeTrace(trace) }] as const]),
    ["result.json", { bytes: JSON.stringify(document) }],
    ...(scenario === undefined ? [] : [["scenario.json", { bytes: JSON.stringify(scenario) }] as const])
  ])
