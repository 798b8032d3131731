/**
 * A refusal of a scenario whose sizes do not agree, with the smallest changes after which it runs.
 */
import {
  isServing,
  servingChangesThatRun,
  trainingChangesThatRun,
  type LoadedScenario,
  type ScenarioIssue
} from "../scenario/index.ts"
import type { ChangeThatRuns } from "./change-that-runs.ts"
import { servingChangeLine, trainingChangeLine } from "./changes-text.ts"
import { inputWrong, type InputWrong } from "./failure.ts"
import { commandOf, type Invoked } from "./next-steps.ts"
import { readChunks } from "./read-chunks.ts"
import { readText } from "./text-file.ts"

/** @param invoked where given, the command of the smallest change is told */
export const cannotBeLaidOut = (
  loaded: LoadedScenario,
  issues: readonly ScenarioIssue[],
  invoked?: Invoked
): InputWrong => {
  const ways = isServing(loaded.scenario) ? served(loaded) : trained(loaded)
  const [smallest] = ways
  if (smallest === undefined) return inputWrong(issues)
  const next = invoked === undefined ? [] : [`next    ${commandOf(invoked, process.env)(smallest.document.changes)}`]
  const hint = ["the smallest changes that run (each simulated):", ...ways.map(({ line }) => `  ${line}`), ...next]
  return inputWrong(
    issues,
    hint.join("\n"),
    ways.map(({ document }) => document)
  )
}

interface Way {
  readonly line: string
  readonly document: ChangeThatRuns
}

const trained = (loaded: LoadedScenario): readonly Way[] =>
  trainingChangesThatRun(loaded, { readText }).map((mended) => ({
    line: trainingChangeLine(mended),
    document: {
      changes: mended.changes,
      iterationSeconds: mended.result.iterationSeconds,
      peakBytes: mended.result.memory.fullest.peakBytes
    }
  }))

const served = (loaded: LoadedScenario): readonly Way[] =>
  servingChangesThatRun(loaded, { readText, readChunks }).map((way) => ({
    line: servingChangeLine(way),
    document: {
      changes: way.changes,
      cacheTokens: way.job.cache.blocks * way.job.cache.blockTokens,
      tokenSeconds: way.tokenSeconds
    }
  }))
