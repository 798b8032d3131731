/**
 * What the command line of `windtunnel run` asks for.
 */
import type { ResolveOptions } from "../scenario/index.ts"

export interface RunRequest {
  /** The arguments as they were given. */
  readonly scenario: string
  readonly set: readonly string[]
  readonly seed: number | undefined
  readonly json: boolean
  /** Where the files of the run go; undefined: nowhere. */
  readonly folder: string | undefined
  /** What to record; undefined: as the kind of scenario has it. */
  readonly trace: ResolveOptions["trace"] | undefined
  /** Whose memory is told: "fullest", a rank's number, or "stage:N". */
  readonly memory: string | undefined
  /** Serving: a table of requests, and a lane for each in the timeline. */
  readonly requests: boolean
  readonly lanes: boolean
  /** Serving: file for the routing decisions; undefined: none. */
  readonly routingLog?: string | undefined
  /** Write the capacity report as well. */
  readonly report: boolean
}
