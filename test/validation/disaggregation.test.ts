/** Published gains of disaggregation, simulated: the direction is right and the gain within 25 %. */
import { describe, expect, test } from "vitest"
import { resolveServing, scenarioFromData } from "../../src/scenario/index.ts"
import { simulateServing, summariseServing, type ServingResult } from "../../src/serving/index.ts"
import { disaggregationCases, type DisaggregationCase } from "../../src/validation/index.ts"

type Setting = DisaggregationCase["setting"]

const served = (
  { cluster, model, stack, prompt, output }: Setting,
  accelerators: number,
  serving: object,
  rate: number,
  tokens = output
): ServingResult => {
  const loaded = scenarioFromData({
    name: "case",
    data: {
      cluster: { ...cluster, accelerators },
      model,
      serving: { stack, ...serving },
      workload: { arrivals: { poisson: { rate } }, prompt, output: tokens, requests: 600 }
    }
  })
  const resolved = loaded._tag === "Refused" ? loaded : resolveServing(loaded)
  if (resolved._tag === "Refused") throw new Error(JSON.stringify(resolved.issues))
  return summariseServing(resolved.job, simulateServing(resolved.job))
}

/** The highest rate, to 2 %, between a low one that is met and a high one that is not. */
const goodput = (low: number, high: number, isMet: (rate: number) => boolean): number => {
  expect(isMet(low)).toBe(true)
  expect(isMet(high)).toBe(false)
  let [from, to] = [low, high]
  while (to / from > 1.02) {
    const middle = Math.sqrt(from * to)
    if (isMet(middle)) from = middle
    else to = middle
  }
  return from
}

describe.each(disaggregationCases)("$id", ({ setting, published }) => {
  const { ttftSeconds, tpotSeconds, prefillReplicas, decodeReplicas } = setting
  const isMet = ({ latency }: ServingResult): boolean =>
    latency.ttft.p90 <= ttftSeconds && latency.tpot.p90 <= tpotSeconds
  const accelerators = prefillReplicas + decodeReplicas
  const pools = [
    { name: "prompts", role: "prefill", replicas: prefillReplicas },
    { name: "answers", role: "decode", replicas: decodeReplicas }
  ]
  test("goodput together, of prompts alone and apart, and the gain", () => {
    const colocated = goodput(0.5, 4, (rate) => isMet(served(setting, 1, {}, rate)))
    const prompts = goodput(2, 12, (rate) => served(setting, 1, {}, rate, 1).latency.ttft.p90 <= ttftSeconds)
    const apart = goodput(4, 24, (rate) => isMet(served(setting, accelerators, { pools }, rate)))
    const gain = apart / accelerators / colocated
    const publishedGain = published.disaggregated / accelerators / published.colocated
    expect(gain).toBeGreaterThan(1)
    expect(Math.abs(gain / publishedGain - 1)).toBeLessThan(0.25)
    expect(Math.abs(colocated / published.colocated - 1)).toBeLessThan(0.15)
    expect(Math.abs(apart / published.disaggregated - 1)).toBeLessThan(0.3)
    expect(Math.abs(prompts / published.prefillAlone - 1)).toBeLessThan(0.3)
  })
})
