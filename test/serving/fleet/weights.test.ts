/** Who gets a request: the least of many, and shares by weight. */
import { describe, expect, test } from "vitest"
import { randomStream } from "../../../src/random/index.ts"
import { simulateServing, type RouterName } from "../../../src/serving/index.ts"
import { makeLeastOf } from "../../../src/serving/fleet/least-of.ts"
import { listed } from "../jobs.ts"
import { fleet, pool } from "./jobs.ts"

test("the tree finds what a search from the front finds", () => {
  const draw = randomStream(7, "least of")
  for (const count of [1, 2, 3, 17, 64, 100]) {
    const values = new Float64Array(count)
    const tree = makeLeastOf(count)
    for (let change = 0; change < 500; change++) {
      const place = Math.floor(draw() * count)
      values[place] = draw() < 0.1 ? Infinity : Math.floor(draw() * 5)
      tree.set(place, values[place])
      const least = Math.min(...values)
      if (least < Infinity) expect(tree.first()).toBe(values.indexOf(least))
    }
  }
})

describe("a pool of weight 3 beside one of weight 1", () => {
  const shares = (router: RouterName): readonly number[] => {
    const law = { fixed: 1, perToken: 0, perContext: 0 }
    const pools = [
      pool("light", "both", { law, pool: { weight: 1 } }),
      pool("heavy", "both", { law, pool: { weight: 3, replicas: 2 } })
    ]
    const rows = Array.from({ length: 700 }, () => [0, 10, 2] as const)
    const { requests } = simulateServing(fleet(pools, { queue: { router }, job: { isWeighed: true } }), {
      source: listed(rows)
    })
    return [0, 1, 2].map((replica) => requests.replica.filter((one) => one === replica).length)
  }

  test.each(["round-robin", "least-requests", "least-tokens"] as const)("%s: exactly three times as many", (router) => {
    expect(shares(router)).toEqual([100, 300, 300])
  })

  test("random: three times as many on average", () => {
    const [light, heavy, other] = shares("random") as readonly [number, number, number]
    // Standard deviation 9 of 100.
    expect(Math.abs(light - 100)).toBeLessThan(30)
    expect(Math.abs(heavy - other)).toBeLessThan(70)
  })
})

test("requests go to the pool of their model", () => {
  const one = pool("one", "both")
  const two = { ...pool("two", "both"), target: { ...one.target, model: { ...one.target.model, name: "other" } } }
  const job = fleet([one, two])
  const [only] = job.workload.classes
  const classes = ["other", "model", "other"].map((model, index) => ({ ...only!, name: `class ${index}`, model }))
  const log = simulateServing(
    { ...job, workload: { ...job.workload, classes } },
    {
      source: listed([
        [0, 10, 2, { classIndex: 0 }],
        [0, 10, 2, { classIndex: 1 }],
        [0, 10, 2, { classIndex: 2 }]
      ])
    }
  )
  expect([...log.requests.replica]).toEqual([1, 0, 1])
})
