/**
 * The automatic schedule: the best order for given times under a limit of activations, by search, as in section 3 of Qi et
 * al. (2401.10241). Tried are
 *
 * - the round heuristic of that section with all of its switches, on plain stages;
 * - V-shaped building blocks of every pair of steps (2405.15362) that the limit admits, squeezed with the limit's room;
 * - the named schedules that keep the limit, so that it is never worse than the best of them.
 *
 * ZB-1p and ZB-2p are the automatic plain schedules with the memory of p and 2p micro-batches (2401.10241, section 5.1).
 * DualPipe is not tried: it holds the parameters twice. Steady state: one micro-batch, but for interleaved 1F1B, p.
 */
import { blockLists, heldByLists, interval, isRepeatable } from "./building-block.ts"
import type { BuildingBlock } from "./building-block.ts"
import { bestOf } from "./choice.ts"
import type { Candidate } from "./choice.ts"
import { interleaved, oneForwardOneBackward } from "./one-forward-one-backward.ts"
import { peakInFlight } from "./execution.ts"
import { roundOperations } from "./rounds.ts"
import { equalTimes, isScheduleError } from "./schedule.ts"
import type { OperationTimes, Schedule, ScheduleError, ScheduleGenerator, ScheduleOptions } from "./schedule.ts"
import { blockCandidates, greedyCandidates, vHalf, vMin, zeroBubbleV } from "./v-shaped.ts"
import { checkOptions, scheduleError } from "./validation.ts"
import { zeroBubbleH1, zeroBubbleH2 } from "./zero-bubble.ts"

interface Search {
  readonly name: string
  readonly stages: number
  readonly microBatches: number
  /** Most micro-batches in flight on a stage, in whole stages. */
  readonly limit: number
  readonly weightShare: number
  /** Seconds in a part of the layout tried. */
  readonly times: OperationTimes
}

const switches = [true, false] as const

/** Micro-batches at each end of a long order which the heuristic is free to arrange. */
const endsOf = (stages: number): number => 3 * stages + 8

/** All switches; for many micro-batches also with a steady middle, which a full memory alone does not always bring. */
const roundCandidates = ({ name, stages, microBatches, limit, weightShare, times }: Search): readonly Candidate[] => {
  const horizon = 3 * endsOf(stages)
  const ends = microBatches > horizon ? [undefined, endsOf(stages)] : [undefined]
  return ends.flatMap((end) =>
    switches.flatMap((overruns) =>
      switches.flatMap((yieldsToGradient) =>
        switches.map((fillsAlways) => ({
          horizon,
          plan: (size: number): Schedule | undefined => {
            const rules = { limit, weightShare, overruns, yieldsToGradient, fillsAlways }
            const operations = roundOperations(stages, size, times, end === undefined ? rules : { ...rules, ends: end })
            return operations === undefined
              ? undefined
              : { name, stages, microBatches: size, chunks: 1, layout: "loop", operations }
          }
        }))
      )
    )
  )
}

/** Steps down and up a V whose repetition can be free of collisions: their sum is a multiple of half the interval. */
const steps: readonly (readonly [down: number, up: number])[] = [1, 2, 3, 4, 5].flatMap((down) =>
  [1, 2, 3, 4, 5].filter((up) => (down + up) % (interval / 2) === 0 || down + up === 2).map((up) => [down, up] as const)
)
const turnLengths = [1, 2, 3, 4, 5, 6]

/** Deep pipelines try the steps of the named schedules only, so that the search stays below a second. */
const deep = 24
const namedSteps: typeof steps = [
  [1, 1],
  [2, 1],
  [4, 2]
]

/** For each pair of steps the block with the shortest turns that repeats and keeps the limit. */
const blocksWithin = ({ stages, limit, weightShare }: Search): readonly BuildingBlock[] =>
  (stages > deep ? namedSteps : steps).flatMap(([down, up]) => {
    const turned = turnLengths
      .flatMap((bottom) => turnLengths.flatMap((top) => turnLengths.map((again) => [bottom, top, again] as const)))
      .sort((a, b) => a[0] + a[1] + a[2] - (b[0] + b[1] + b[2]))
      .map((turns): BuildingBlock => ({ down, up, turns }))
    const block = turned.find((one) => isRepeatable(one, stages))
    if (block === undefined) return []
    const held = heldByLists(blockLists(block, stages, 2 * stages + 4), weightShare)
    return held <= 2 * limit + 1e-9 ? [block] : []
  })

const vCandidates = (search: Search): readonly Candidate[] => {
  const family = { ...search, limit: 2 * search.limit }
  const blocks = blocksWithin(search)
  return blocks.length === 0
    ? greedyCandidates(search.name, { ...family, limit: Math.floor(family.limit) })
    : blocks.flatMap((block) => blockCandidates(search.name, block, family))
}

/** The named schedules of a layout that keep the limit. */
const namedCandidates = (
  generators: readonly ScheduleGenerator[],
  chunks: number,
  { name, stages, limit, weightShare, times }: Search
): readonly Candidate[] =>
  generators.map((generator) => ({
    horizon: Infinity,
    plan: (microBatches): Schedule | undefined => {
      const made = generator({ stages, microBatches, chunks, times })
      return isScheduleError(made) || Math.max(...peakInFlight(made, weightShare)) > made.chunks * limit + 1e-9
        ? undefined
        : { ...made, name }
    }
  }))

const automaticOf =
  (name: string, layouts: readonly (1 | 2)[], limitOf: (stages: number) => number): ScheduleGenerator =>
  (options: ScheduleOptions): Schedule | ScheduleError => {
    const refused = checkOptions(options, layouts)
    if (refused !== undefined) return refused
    const { stages, microBatches, chunks, times = equalTimes, objective = "span", weightShare = 1 } = options
    const limit = options.maximumInFlight ?? limitOf(stages)
    const search = { name, stages, microBatches, limit, weightShare, times }
    const candidates: readonly Candidate[] =
      chunks === 1
        ? [
            ...namedCandidates([oneForwardOneBackward, zeroBubbleH1, zeroBubbleH2], 1, search),
            ...roundCandidates(search)
          ]
        : [...namedCandidates([zeroBubbleV, vHalf, vMin, interleaved], 2, search), ...vCandidates(search)]
    return (
      bestOf(candidates, microBatches, () => times, objective) ??
      scheduleError("maximumInFlight", limit, `more for ${name} of ${stages} stages`, [stages])
    )
  }

/** One chunk a stage is plain, two are a V. The limit is `maximumInFlight`, by default that of 1F1B, p. */
export const automatic = automaticOf("automatic", [1, 2], (stages) => stages)
export const zeroBubbleOneP = automaticOf("zb-1p", [1], (stages) => stages)
export const zeroBubbleTwoP = automaticOf("zb-2p", [1], (stages) => 2 * stages)
