/** Bare events per second: each handler schedules the next event at a random delay, with a constant number pending. */
import { expect, test } from "vitest"
import { makeSimulation } from "../../src/engine/index.ts"
import { randomStream } from "../../src/random/index.ts"

const eventsPerRound = 1_000_000
const delays = Float64Array.from({ length: 4096 }, randomStream(1, "delays"))

const round = (pending: number) => (): void => {
  const simulation = makeSimulation()
  let scheduled = pending
  const handler = simulation.register((argument) => {
    if (scheduled < eventsPerRound) simulation.after(delays[scheduled++ & 4095]!, handler, argument)
  })
  for (let index = 0; index < pending; index++) simulation.at(delays[index & 4095]!, handler, index)
  simulation.run()
  if (simulation.executed !== eventsPerRound) throw new Error(`${simulation.executed} events`)
}

test("a million events: at least five million a second with a hundred pending", async ({ bench }) => {
  const hundred = bench("100 pending", round(100))
  const tenThousand = bench("10,000 pending", round(10_000))
  const results = await bench.compare(hundred, tenThousand, { time: 1000, iterations: 10, warmupIterations: 2 })
  expect(eventsPerRound * results.get("100 pending").throughput.mean).toBeGreaterThan(5e6)
})
