/** Shipped servers of a family: simulated once each, with checks that every one of them passes. */
import { beforeAll, describe, expect, test } from "vitest"
import { servingSummary } from "../../src/cli/serving-summary.ts"
import type { ServingResult } from "../../src/serving/index.ts"
import { serveScenario } from "./run-scenario.ts"

/** Requests that finish, requests/s, mean seconds to the first token, per token and in all, and the verdict. */
export const expected: Readonly<Record<string, readonly [number, number, number, number, number, string]>> = {
  "batching-policy.ts": [1000, 7.06, 0.279, 0.0185, 3.35, "stable"],
  "bloom-server.yaml": [2000, 11.7, 0.841, 0.0704, 2.18, "closed"],
  "bloom-story/0-cpu-offload.yaml": [20, 0.00683, 7.16, 7.16, 143, "closed"],
  "bloom-story/1-naive-pipeline.yaml": [200, 0.312, 3.66, 0.32, 9.74, "closed"],
  "bloom-story/2-pipelined-requests.yaml": [500, 2.44, 0.587, 0.34, 7.05, "closed"],
  "bloom-story/3-fewer-reshapes.yaml": [500, 2.55, 0.537, 0.321, 6.63, "closed"],
  "bloom-story/4-tensor-parallel.yaml": [1000, 10.2, 1.04, 0.09, 2.75, "closed"],
  "bloom-story/5-fused-gelu.yaml": [1000, 10.7, 0.867, 0.0802, 2.39, "closed"],
  "bloom-story/6-custom-kernel.yaml": [1000, 11.1, 0.863, 0.0704, 2.2, "closed"],
  "fleet/a100-and-h100.yaml": [4998, 11.9, 0.173, 0.0249, 5.4, "stable"],
  "fleet/deepseek-v3.yaml": [23328, 218, 1.31, 0.0508, 20.3, "closed"],
  "fleet/distserve-13b.yaml": [2000, 9.87, 0.112, 0.0352, 2.33, "stable"],
  "fleet/splitwise-aa.yaml": [11874, 77.1, 0.358, 0.0478, 10.4, "stable"],
  "fleet/splitwise-baseline.yaml": [6015, 37.1, 0.404, 0.0602, 13, "stable"],
  "fleet/splitwise-h100.yaml": [13068, 89.3, 0.2, 0.0573, 12.2, "stable"],
  "fleet/splitwise-ha.yaml": [15361, 97.6, 0.185, 0.0478, 10.3, "stable"],
  "fleet/two-models-adapters.yaml": [5000, 19.8, 0.0617, 0.0116, 1.43, "stable"],
  "kv-tiers.yaml": [2000, 2.74, 1.95, 0.0307, 9.99, "stable"],
  "llama-3-70b-code-h100.yaml": [5000, 7.76, 0.79, 0.0799, 2.07, "stable"],
  "llama-3-8b-chat-l40s.yaml": [3000, 4.82, 0.057, 0.0315, 7.03, "stable"],
  "mpt-30b-serve-8k.yaml": [1, 0.0738, 7.55, 0.0952, 13.5, "closed"],
  "mpt-30b-serve-a100-40gb.yaml": [4, 0.362, 0.819, 0.162, 11, "closed"],
  "mpt-30b-serve-a100-80gb.yaml": [4, 0.98, 0.675, 0.0541, 4.08, "closed"],
  "mpt-30b-serve-m2-ultra.yaml": [50, 0.0607, 0.881, 0.0404, 6.47, "closed"],
  "coding-agents.yaml": [4000, 3.02, 0.127, 0.0175, 5.4, "closed"],
  "plans/serving-bloom-today.yaml": [4000, 11.5, 0.0855, 0.0381, 3.44, "stable"],
  "plans/serving-chat-200.yaml": [16000, 186, 0.158, 0.0308, 6.51, "stable"],
  "plans/serving-deepseek-v3.yaml": [27500, 145, 1.54, 0.0446, 52.9, "backlogged"],
  "plans/serving-mpt-startup.yaml": [3000, 0.994, 0.286, 0.0347, 5.43, "stable"],
  "rollouts-8b.yaml": [3072, 5.84, 0.471, 0.0106, 25.7, "closed"],
  "speculation/draft-1b.yaml": [320, 7.31, 0.092, 0.0104, 2.16, "closed"],
  "speculation/mtp-deepseek-v3.yaml": [64, 2, 0.106, 0.013, 4, "closed"],
  "speculation/none.yaml": [320, 4.26, 0.564, 0.016, 3.75, "closed"],
  "autoscaled-chat.yaml": [173109, 2, 0.115, 0.0233, 4.76, "stable"],
  "azure/code-split.yaml": [8769, 2.43, 0.154, 0.0159, 0.575, "stable"],
  "azure/code.yaml": [8769, 2.43, 0.154, 0.0154, 0.567, "stable"],
  "azure/conversation-split.yaml": [19224, 5.33, 0.0894, 0.0161, 3.49, "stable"],
  "azure/conversation.yaml": [19224, 5.33, 0.0985, 0.0158, 3.44, "stable"],
  "routing/prefix-aware.yaml": [20000, 17.7, 0.0522, 0.0263, 3.18, "stable"],
  "routing/round-robin.yaml": [20000, 17.7, 0.264, 0.0411, 5.18, "stable"],
  "small-server.yaml": [500, 4.11, 0.0441, 0.00979, 0.571, "stable"]
}

export const errorOf = (predicted: number, measured: number): number => Math.abs(predicted / measured - 1)

/**
 * Checks every server of a family against its line of the table.
 *
 * @param isOfFamily  by its path below scenarios/
 * @returns the result of one of them, for tests of its own
 */
export const checkServers = (isOfFamily: (file: string) => boolean): ((file: string) => ServingResult) => {
  const family = Object.entries(expected).filter(([file]) => isOfFamily(file))
  const runs = new Map<string, Awaited<ReturnType<typeof serveScenario>>>()

  beforeAll(async () => {
    for (const [file] of family) runs.set(file, await serveScenario(file))
  })

  const resultOf = (file: string): ServingResult => {
    const result = runs.get(file)?.result
    if (result === undefined) throw new Error(`${file} has no result`)
    return result
  }

  describe.each(family)("%s", (file, [finished, rate, first, token, whole, verdict]) => {
    test(`finishes ${finished} requests at ${rate} a second (within 4 %), ${verdict}`, () => {
      const { requests, throughput, verdict: found } = resultOf(file)
      expect(requests.finished).toBe(finished)
      expect(errorOf(throughput.requestsPerSecond, rate)).toBeLessThan(0.04)
      expect(found.kind).toBe(verdict)
    })

    test(`takes ${first} s to the first token, ${token} s a token and ${whole} s in all, within 5 % (10 % for the first, which queues amplify)`, () => {
      const { ttft, tpot, e2e } = resultOf(file).latency
      expect(errorOf(ttft.mean, first)).toBeLessThan(0.1)
      expect(errorOf(tpot.mean, token)).toBeLessThan(0.05)
      expect(errorOf(e2e.mean, whole)).toBeLessThan(0.05)
    })

    test("has a summary of one screen, 80 columns wide, that starts with its name", () => {
      const run = runs.get(file)
      const unmarked = (text: string): string => text
      const summary = servingSummary(
        { resolved: run!.resolved, result: resultOf(file) },
        { good: unmarked, bad: unmarked, faint: unmarked },
        []
      )
      const lines = summary.split("\n")
      expect(lines[0]).toBe(run!.resolved.job.name)
      expect(lines.filter((line) => line.length > 80)).toEqual([])
      const { pools, tiers } = resultOf(file)
      // Goals, sessions and tiers in one scenario have a line each.
      expect(lines.length).toBeLessThanOrEqual(pools === undefined ? (tiers === undefined ? 44 : 46) : 50)
      // The pools of a fleet have their memory in lines of their own.
      const room = resultOf(file).pools === undefined ? ["memory", "KV cache"] : ["pool \\S+:"]
      for (const label of ["verdict", "throughput", "first token", "per token", "end to end", ...room])
        expect(summary).toMatch(new RegExp(`^  ${label} `, "m"))
      expect(summary).not.toMatch(/NaN|Infinity|undefined/)
    })

    test("loses no request, no token and no block", () => {
      expect(runs.get(file)!.findings).toEqual([])
    })
  })

  return resultOf
}
