/** A serving plan: Llama-3-70B at 200 requests/s over five kinds of machines, all layouts, two precisions, three batch sizes. */
import { expect, test } from "vitest"
import { capacityPool, searched } from "../../src/cli/capacity-pool.ts"
import { parseGoals, searchCapacity, usualSpace, type LatencyGoal } from "../../src/planner/index.ts"
import { scenarioFromData, type ServingScenario } from "../../src/scenario/index.ts"

test("the cheapest fleet is found in less than a minute, on two threads", async ({ bench }) => {
  const loaded = scenarioFromData({
    name: "bench",
    data: {
      cluster: { system: "dgx-h100" },
      model: "llama-3-70b",
      serving: { router: "least-requests" },
      workload: {
        arrivals: { poisson: { rate: 200 } },
        prompt: { published: "azure-conv-2023" },
        output: { published: "azure-conv-2023" }
      }
    }
  })
  if (loaded._tag === "Refused") throw new Error(JSON.stringify(loaded.issues))
  let layouts = 0
  const { latency } = await bench("Llama-3-70B, 200 requests/s", async () => {
    const pool = capacityPool(2)
    const plan = await searched(
      searchCapacity({
        scenario: loaded.scenario as ServingScenario,
        rate: 200,
        goals: parseGoals("ttft.p99 < 1 s, tpot.p99 < 50 ms") as readonly LatencyGoal[],
        objective: "cost",
        space: usualSpace,
        prices: {},
        priceAt: "middle",
        available: 1024,
        requests: 16_000,
        seed: 1,
        confirmations: 2
      }),
      pool
    )
    await pool.end()
    layouts = plan.layouts
  }).run({ time: 1, iterations: 1, warmupTime: 0, warmupIterations: 0 })
  expect(layouts).toBe(360)
  expect(latency.min).toBeLessThan(60_000)
}, 300_000)
