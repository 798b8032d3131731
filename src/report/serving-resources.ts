/**
 * Where a server's time, memory and money go, and what more accelerators bring.
 */
import { breakdownBar, costCurve, memoryBar, scalingCurve, type Part, type Picture } from "../charts/index.ts"
import { requestTokens, type ResolvedServing } from "../scenario/index.ts"
import type { ServingResult } from "../serving/index.ts"
import { formatBytes, formatCount, formatPercent, formatQuantity3 } from "../units/index.ts"
import { grouped, servingParts } from "./breakdown.ts"
import { picture, table, text, type Section } from "./document.ts"
import { servingPoint } from "./point.ts"
import type { ServingFindings } from "./serving-findings.ts"
import { dollars, seconds, share, words } from "./show.ts"

export const breakdownPicture = (result: ServingResult): Picture => {
  const parts = servingParts(result.breakdown.replica)
  const [first, second] = grouped(parts)
  return breakdownBar({
    title: `Of a replica's time, ${first?.name ?? ""} takes ${formatPercent(first?.value ?? 0)}, ${second?.name ?? ""} ${formatPercent(second?.value ?? 0)}`,
    parts,
    unit: "share of time"
  })
}

export const breakdownSection = (result: ServingResult, isDrawn: boolean): Section => {
  const { request } = result.breakdown
  const parts = [
    ["in the queue", request.queue],
    ["prompt", request.prefill],
    ["answer", request.decode],
    ["put aside for lack of memory", request.preempted ?? 0]
  ] as const
  const whole = parts.reduce((sum, [, value]) => sum + value, 0)
  return {
    id: "time",
    title: "Where the time goes",
    blocks: [
      ...(isDrawn ? [picture(breakdownPicture(result))] : []),
      table(
        "A mean request, first try to last token",
        [words("part"), seconds("time"), share("share")],
        parts.filter(([, value]) => value > 0).map(([name, value]) => [name, value, value / whole])
      ),
      text(
        `Accelerators are busy ${formatPercent(result.utilisation.busy)} of the time, do ${formatPercent(result.utilisation.modelFlops)} of their peak FLOP/s and move ${formatPercent(result.utilisation.memoryBandwidth)} of their peak bytes/s.`
      )
    ]
  }
}

/** @param peakShare of the cache, 0 to 1; null = nothing was served */
export const servingMemory = (job: ResolvedServing["job"], peakShare: number | null): Picture => {
  const { memory, cache, target } = job
  const keyValues = cache.blocks * cache.blockTokens * memory.keyValueBytesPerToken
  const used = peakShare === null ? keyValues : keyValues * peakShare
  const fixed: readonly Part[] = [
    { name: "weights", value: memory.weights, colour: "memory" },
    { name: "activations", value: memory.activations, colour: "compute" },
    { name: "context, graphs, buffers", value: memory.overhead, colour: "host" }
  ]
  if (!memory.fits) {
    const taken = neededBytes(job)
    return memoryBar({
      title: `${target.model.title} needs ${formatBytes(taken)} of the ${formatBytes(memory.usableBytes)} that the server may use: ${formatBytes(taken - memory.usableBytes)} are missing`,
      capacityBytes: memory.usableBytes,
      capacityName: "may be used",
      bars: [
        { name: "", parts: [...fixed, { name: "KV of one request", value: requestBytes(job), colour: "backward" }] }
      ]
    })
  }
  return memoryBar({
    title: `Weights take ${formatBytes(memory.weights)} of ${formatBytes(memory.capacityBytes)}; ${formatBytes(keyValues)} are left for keys and values${peakShare === null ? "" : `, ${formatPercent(peakShare)} of it used at most`}`,
    capacityBytes: memory.capacityBytes,
    bars: [
      {
        name: "",
        parts: [
          ...fixed,
          { name: peakShare === null ? "KV cache" : "KV cache, used at most", value: used, colour: "backward" },
          ...(peakShare === null
            ? []
            : [{ name: "KV cache, never used", value: keyValues - used, colour: "idle" } as const])
        ]
      }
    ]
  })
}

/** Keys and values of a request of mean length, bytes. */
export const requestBytes = (job: ResolvedServing["job"]): number =>
  requestTokens(job) * job.memory.keyValueBytesPerToken

/** What an accelerator must hold to serve one request, bytes. */
export const neededBytes = (job: ResolvedServing["job"]): number =>
  job.memory.weights + job.memory.activations + job.memory.overhead + requestBytes(job)

export const memorySection = ({ resolved: { job }, result }: ServingFindings): Section => ({
  id: "memory",
  title: "Memory and headroom",
  blocks: [
    picture(servingMemory(job, result.load.peakKeyValueShare)),
    text(
      `The fullest accelerator. A replica holds ${formatCount(job.cache.blocks * job.cache.blockTokens)} tokens in its cache; ${formatPercent(result.load.meanKeyValueShare)} are in use on average. ${result.load.preemptions === 0 ? "No request was put aside for lack of room." : `Requests were put aside ${formatCount(result.load.preemptions)} times for lack of room.`} The server lets itself use ${formatBytes(job.memory.usableBytes)} of ${formatBytes(job.memory.capacityBytes)}.`
    )
  ]
})

export const scalingSection = ({ resolved, study }: ServingFindings): readonly Section[] => {
  if (study.sizes.length < 2) return []
  const isOpen = study.knob !== undefined && study.knob.users === undefined
  return [
    {
      id: "scaling",
      title: "Throughput against accelerators",
      blocks: [
        text(
          isOpen
            ? "Replicas of the same layout, each number with more work than it can do; what it finishes is what it can do at most, whatever the latency."
            : "Replicas of the same layout, each with as much work as now."
        ),
        picture(
          scalingCurve({
            unit: "requests/s",
            points: study.sizes.map(({ accelerators, requestsPerSecond }) => ({
              accelerators,
              rate: requestsPerSecond
            })),
            here: resolved.accelerators
          })
        )
      ]
    }
  ]
}

export const costSection = ({ result, study }: ServingFindings): Section => {
  const { cost, energy } = result
  const own = servingPoint(result)
  const points = study.loads.flatMap(({ load, point }) =>
    point.dollarsPerMillionOutputTokens === null || point.verdict === "overloaded"
      ? []
      : [{ at: load, dollars: point.dollarsPerMillionOutputTokens }]
  )
  return {
    id: "cost",
    title: "Cost and energy",
    blocks: [
      ...(points.length < 2 || study.knob === undefined
        ? []
        : [
            picture(
              costCurve({
                what: "a million output tokens",
                by: study.knob.users === undefined ? "requests that come, per second" : "users",
                unit: study.knob.unit,
                points,
                here: study.knob.users ?? own.offeredPerSecond
              })
            )
          ]),
      table(
        "Of this scenario",
        [words("of"), words("amount")],
        [
          ...(cost.perMillionOutputTokens === null ||
          cost.perMillionTokens === null ||
          cost.perRequest === null ||
          cost.perHour === null
            ? []
            : [
                ["an hour", dollars(cost.perHour)],
                ["a million output tokens", dollars(cost.perMillionOutputTokens)],
                ["a million tokens, prompts included", dollars(cost.perMillionTokens)],
                ["a thousand requests", dollars(1000 * cost.perRequest)]
              ]),
          ["power of an accelerator, mean", formatQuantity3(energy.averageWattsPerAccelerator, "W")],
          ["energy of an output token", formatQuantity3(energy.joulesPerOutputToken, "J")],
          ...(energy.gramsCarbonPerMillionOutputTokens === null
            ? []
            : [["CO2e of a million output tokens", formatQuantity3(energy.gramsCarbonPerMillionOutputTokens, "g")]])
        ]
      )
    ]
  }
}
