import { describe, expect, test } from "vitest"
import { pointPool } from "../../src/cli/point-pool.ts"
import type { PointRequest } from "../../src/report/index.ts"
import { serving, smallServer } from "./resolved.ts"

const { scenario } = serving(smallServer)
const requests = [5, 10, 20, 40, 80].map((rate): PointRequest => ({
  scenario,
  changes: { "workload.arrivals.poisson.rate": rate },
  seed: 1
}))

const run = async (threads: number, asked: readonly PointRequest[]) => {
  const pool = pointPool(threads)
  let done = 0
  try {
    const points = await pool.run(asked, () => void done++)
    return { points, done, working: pool.working() }
  } finally {
    await pool.end()
  }
}

describe("points on threads", () => {
  test("come back in the order asked, the same as without threads", async () => {
    const [alone, together] = [await run(1, requests), await run(2, requests)]
    expect([alone.working, together.working]).toEqual([0, 2])
    expect([alone.done, together.done]).toEqual([5, 5])
    expect(together.points).toEqual(alone.points)
    const offered = together.points.map((point) => (point.kind === "serving" ? point.offeredPerSecond : 0))
    expect([...offered].sort((one, other) => one - other)).toEqual(offered)
  })

  test("of two who ask at once go to the one that asked", async () => {
    const pool = pointPool(2)
    try {
      const both = await Promise.all([requests, requests.toReversed()].map((asked) => pool.run(asked, () => undefined)))
      const [up, down] = both.map((points) =>
        points.map((point) => (point.kind === "serving" ? point.offeredPerSecond : 0))
      )
      expect([...(up ?? [])].sort((one, other) => one - other)).toEqual(up)
      expect(down).toEqual(up?.toReversed())
    } finally {
      await pool.end()
    }
  })

  test("with a policy written as a function stay on this thread: functions do not travel", async () => {
    const own: PointRequest["scenario"] = {
      ...scenario,
      serving: { ...scenario.serving, batching: { policy: () => ({}) } }
    }
    const { points, working } = await run(2, [
      { scenario: own, changes: { "workload.requests": 1 }, seed: 1 },
      { scenario: own, changes: { "workload.requests": 1 }, seed: 1 }
    ])
    expect([points.length, working]).toEqual([2, 0])
  })

  test("what cannot run does not stop the others", async () => {
    const { points } = await run(2, [{ scenario, changes: { model: "nonesuch" }, seed: 1 }, ...requests.slice(0, 2)])
    expect(points.map(({ kind }) => kind)).toEqual(["none", "serving", "serving"])
  })
})
