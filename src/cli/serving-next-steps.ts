/**
 * Commands that a reader of a serving summary may want next; each can be run as it stands.
 */
import type { ResolvedServing, ServingAlternative } from "../scenario/index.ts"
import type { ServingResult } from "../serving/index.ts"
import { commandOf, keepStep, pathOf, type Environment, type Invoked } from "./next-steps.ts"

export interface ServingSituation extends Invoked {
  readonly folder: string | undefined
  readonly resolved: ResolvedServing
  /** Undefined where the model does not fit. */
  readonly result: ServingResult | undefined
  readonly alternatives: readonly ServingAlternative[]
}

export const servingNextSteps = (
  situation: ServingSituation,
  environment: Environment = process.env
): readonly string[] => {
  const { folder, result, alternatives } = situation
  const command = commandOf(situation, environment)
  if (result === undefined) return alternatives.slice(0, 1).map(({ changes }) => command(changes))
  const isTraced = folder !== undefined && result.trace !== null
  const change = whatIf(situation, result)
  return [
    ...(isTraced || folder === undefined ? [keepStep(situation, folder, isTraced, command, environment)] : []),
    ...(change === undefined ? [] : [command(change)])
  ]
}

const twoFigures = (value: number): number => Number(value.toPrecision(2))

/** The load turned up to where it becomes interesting, or down to where it can be served. */
const whatIf = ({ set, resolved }: ServingSituation, { verdict }: ServingResult) => {
  const { arrivals } = resolved.scenario.workload
  const capacity = verdict.estimatedCapacityRequestsPerSecond
  const path = "workload.arrivals"
  const rate = twoFigures((verdict.kind === "overloaded" ? 0.8 : 0.9) * capacity)
  const hasRate = Number.isFinite(capacity) && rate > 0
  const changes: Readonly<Record<string, unknown>> | undefined =
    arrivals.poisson !== undefined && hasRate
      ? { [`${path}.poisson.rate`]: rate }
      : arrivals.gamma !== undefined && hasRate
        ? { [`${path}.gamma.rate`]: rate }
        : arrivals.deterministic !== undefined && hasRate
          ? { [`${path}.deterministic.rate`]: rate }
          : arrivals.closedLoop !== undefined
            ? { [`${path}.closedLoop.users`]: 2 * arrivals.closedLoop.users }
            : arrivals.trace !== undefined
              ? { [`${path}.trace.speedUp`]: 2 * (arrivals.trace.speedUp ?? 1) }
              : { "serving.batching.maxBatchSize": 2 * resolved.job.batching.maximumSequences }
  const [changed = ""] = Object.keys(changes)
  return set.some((text) => changed.startsWith(pathOf(text))) ? undefined : changes
}
