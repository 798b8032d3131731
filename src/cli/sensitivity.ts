/**
 * `windtunnel sensitivity`: what a little more of each resource buys, by paired simulations.
 */
import { availableParallelism } from "node:os"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import {
  explainedShare,
  loadObjective,
  sentenceOf,
  type LoadOutcome,
  type SensitivityOutcome
} from "../planner/index.ts"
import { describeScenario, describeServing, resolveScenario, type ResolvedScenario } from "../scenario/index.ts"
import { cannotBeLaidOut } from "./cannot-be-laid-out.ts"
import { CannotRun, InputWrong } from "./failure.ts"
import { meant } from "./meant.ts"
import { print, printJson } from "./output.ts"
import { pointPool } from "./point-pool.ts"
import { progressOf } from "./progress.ts"
import { readChunks } from "./read-chunks.ts"
import { jsonFlag, setFlag } from "./run.ts"
import { openedScenario } from "./scenario-file.ts"
import { loadStudyOf, studyLoad } from "./sensitivity-load.ts"
import { sensitivityText } from "./sensitivity-text.ts"
import { studySensitivity } from "./sensitivity-study.ts"
import { readText } from "./text-file.ts"
import { version } from "./version.ts"

/** "10%" or "0.1"; undefined where it is neither, or out of 0.1 % to 100 %. */
export const parseStep = (text: string): number | undefined => {
  const match = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text.trim())
  if (match === null) return undefined
  const value = Number(match[1]) / (match[2] === "%" ? 100 : 1)
  return value >= 0.001 && value <= 1 ? value : undefined
}

export const sensitivity = Command.make(
  "sensitivity",
  {
    scenario: Argument.String("scenario").pipe(
      Argument.withDescription("A .yaml, .json or .ts file, or the name of a shipped scenario")
    ),
    set: setFlag,
    by: Flag.String("by").pipe(
      Flag.withMetavar("10%"),
      Flag.withDescription("How much more of each resource, and how much less; default 10%"),
      Flag.withDefault("10%")
    ),
    objective: Flag.String("objective").pipe(
      Flag.withMetavar("name"),
      Flag.withDescription(
        "What to sort by, such as tokensPerSecond, ttftMean, dollarsPerMillionTokens, or loadWithinSlo: the highest load within goals"
      ),
      Flag.optional
    ),
    slo: Flag.String("slo").pipe(
      Flag.withMetavar("goals"),
      Flag.withDescription(
        'Goals of loadWithinSlo, such as "ttft.p99 < 1 s, tpot.p99 < 50 ms"; default the scenario\'s, as 99th percentiles'
      ),
      Flag.optional
    ),
    seed: Flag.Int("seed").pipe(Flag.withDescription("Seed of every random stream"), Flag.optional),
    workers: Flag.Int("workers").pipe(
      Flag.withDescription("Threads that simulate; default one a processor"),
      Flag.optional
    ),
    json: jsonFlag
  },
  Effect.fn("sensitivity")(function* ({ scenario, set, by, objective, slo, seed, workers, json }) {
    const step = parseStep(by)
    if (step === undefined)
      return yield* new InputWrong({
        text: `--by ${JSON.stringify(by)}\n  expected a share from 0.1% to 100%, such as 10%`
      })
    const threads = Option.getOrUndefined(workers) ?? availableParallelism()
    if (threads < 1 || threads > 1024)
      return yield* new InputWrong({ text: "--workers takes a whole number from 1 to 1024" })
    const chosen = Option.getOrUndefined(seed)
    if (chosen !== undefined && (chosen < 0 || !Number.isSafeInteger(chosen)))
      return yield* new InputWrong({ text: "--seed takes a whole number from 0 on" })
    const loaded = yield* openedScenario(scenario, set)
    const resolved = resolveScenario(loaded, {
      readText,
      readChunks,
      ...(chosen === undefined ? {} : { seed: chosen })
    })
    if (resolved._tag === "Refused") return yield* cannotBeLaidOut(loaded, resolved.issues)
    const wanted = Option.getOrUndefined(objective)
    const goals = Option.getOrUndefined(slo)
    const isOfLoad = resolved._tag === "ResolvedServing" && wanted === loadObjective.name
    if (goals !== undefined && !isOfLoad)
      return yield* new InputWrong({
        text: `--slo is of the highest load within it\n  expected --objective ${loadObjective.name} beside it, of a scenario of serving`
      })
    const outcome = isOfLoad
      ? yield* studyLoad(yield* loadStudyOf(resolved, step, goals), threads)
      : yield* studyPoints(resolved, step, wanted, threads)
    if ("reason" in outcome) {
      const { reason, objectives } = outcome
      if (objectives.length === 0 || isOfLoad) return yield* new CannotRun({ text: `${scenario}: ${reason}` })
      const names = [...objectives, ...(resolved._tag === "ResolvedServing" ? [loadObjective] : [])].map(
        ({ name }) => name
      )
      return yield* new InputWrong({
        text: `--objective ${JSON.stringify(wanted)}\n  expected one of ${names.join(", ")}${meant(wanted ?? "", names)}`
      })
    }
    const about = resolved._tag === "ResolvedTraining" ? describeScenario(resolved) : describeServing(resolved)
    if (json) yield* printJson({ windtunnel: version, hash: resolved.hash, title: about.title, ...documentOf(outcome) })
    else yield* print(sensitivityText(about.title, outcome))
    return outcome.fits.own ? undefined : yield* new CannotRun({ text: "" })
  })
).pipe(
  Command.withDescription("Say what a little more of each resource buys, by paired simulations"),
  Command.withExamples([
    { command: "windtunnel sensitivity bloom-176b", description: "of a shipped scenario" },
    { command: "windtunnel sensitivity small-server --objective ttftMean", description: "what shortens the wait" },
    {
      command: "windtunnel sensitivity llama-3-8b-chat-l40s --objective loadWithinSlo",
      description: "what raises the load that its goals allow"
    }
  ])
)

const studyPoints = (resolved: ResolvedScenario, step: number, wanted: string | undefined, threads: number) =>
  Effect.acquireUseRelease(
    Effect.sync(() => pointPool(threads)),
    (pool) =>
      Effect.promise(() =>
        studySensitivity(resolved, step, wanted, async (requests) => {
          const progress = progressOf(requests.length, process.stderr, undefined, "simulations")
          try {
            return await pool.run(requests, progress.step)
          } finally {
            progress.end()
          }
        })
      ),
    (pool) => Effect.promise(() => pool.end())
  )

const documentOf = (outcome: SensitivityOutcome | LoadOutcome) => {
  const { sensitivity: found, base, fits } = outcome
  return {
    ...found,
    finding: sentenceOf(outcome),
    fits,
    ...("rate" in outcome ? { loadWithinSlo: outcome.rate, simulations: outcome.simulations } : {}),
    ...(base.kind === "training" ? { explained: explainedShare(found, "iterationSeconds") } : {})
  }
}
