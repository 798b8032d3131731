/**
 * Commands that a reader of a summary may want next; each can be run as it stands.
 */
import { basename, extname } from "node:path"
import {
  resolveTraining,
  scenarioWith,
  type Alternative,
  type Changes,
  type LoadedScenario
} from "../scenario/index.ts"
import type { TrainingJob } from "../training/index.ts"
import { shortName } from "./shipped.ts"
import { readText } from "./text-file.ts"

/** The arguments of a run. */
export interface Invoked {
  readonly scenario: string
  readonly set: readonly string[]
  readonly seed?: number
}

export interface Situation extends Invoked {
  readonly folder: string | undefined
  readonly isTraced: boolean
  readonly loaded: LoadedScenario
  readonly job: TrainingJob
  readonly alternatives: readonly Alternative[]
}

export type Environment = Readonly<Record<string, string | undefined>>

/** How this program was started: a checkout has no `windtunnel` on the path. */
export const invocation = (environment: Environment): string => {
  const event = environment["npm_lifecycle_event"]
  if (event === "npx") return "npx windtunnel"
  const isOurs = environment["npm_package_name"] === "windtunnel-sim" && (event === "start" || event === "windtunnel")
  return isOurs ? "npm run -s windtunnel --" : "windtunnel"
}

export const nextSteps = (situation: Situation, environment: Environment = process.env): readonly string[] => {
  const { folder, isTraced, alternatives } = situation
  const command = commandOf(situation, environment)
  const [smallest] = alternatives
  if (smallest !== undefined) return [command(smallest.changes), planOf(situation, environment)]
  const change = whatIf(situation)
  const keep = keepStep(situation, folder, isTraced, command, environment)
  return [...(isTraced || folder === undefined ? [keep] : []), ...(change === undefined ? [] : [command(change)])]
}

/** The search for the best layout of this work. */
const planOf = ({ scenario, set }: Invoked, environment: Environment): string =>
  `${invocation(environment)} plan ${[shortName(scenario), ...set.flatMap((text) => ["--set", text])].map(quoted).join(" ")}`

/** Keeping this run, or looking at what it kept. */
export const keepStep = (
  { scenario }: Invoked,
  folder: string | undefined,
  isTraced: boolean,
  command: ReturnType<typeof commandOf>,
  environment: Environment = process.env
): string =>
  isTraced
    ? `${invocation(environment)} view ${quoted(folder ?? "")}`
    : command({}, ["--out", `runs/${basename(shortName(scenario), extname(scenario)) || "run"}`])

/** The command of this run with some fields set, in place of what it set there. */
export const commandOf =
  ({ scenario, set, seed }: Invoked, environment: Environment) =>
  (changes: Changes, flags: readonly string[] = []): string => {
    const replaced = Object.keys(changes)
    const kept = set.filter((text) => !replaced.includes(pathOf(text)))
    const changed = Object.entries(changes).map(([path, value]) => `${path}=${String(value)}`)
    const words = [
      shortName(scenario),
      ...[...kept, ...changed].flatMap((assignment) => ["--set", assignment]),
      ...(seed === undefined ? [] : ["--seed", String(seed)]),
      ...flags
    ]
    return `${invocation(environment)} run ${words.map(quoted).join(" ")}`
  }

export const pathOf = (assignment: string): string => assignment.split("=", 1)[0]?.trim() ?? ""

/** A word as a shell takes it. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`

/** A setting that this run did not touch, with another value that the layout allows. */
const whatIf = ({ set, loaded, job }: Situation): Changes | undefined => {
  const isFree = typeof job.schedule === "string" && job.virtualPipeline === 1
  const saved = job.run?.settings?.checkpoint ?? null
  const candidates: readonly Changes[] = [
    ...(saved === null || saved.interval === "best" ? [] : [{ "training.run.checkpoint.interval": "best" }]),
    ...(isFree ? [{ "training.microBatch": job.microBatch * 2 }, { "training.microBatch": job.microBatch / 2 }] : []),
    { "training.recompute": job.recompute === "full" ? "selective" : "full" }
  ]
  const touched = set.map(pathOf)
  return candidates.find((changes) => {
    if (Object.keys(changes).some((path) => touched.some((one) => path.startsWith(one)))) return false
    const changed = scenarioWith(loaded, changes)
    return changed._tag === "LoadedScenario" && resolveTraining(changed, { readText })._tag === "ResolvedTraining"
  })
}
