/** The engine against queueing theory, where the answer is known in closed form. */
import { describe, expect, test } from "vitest"
import { makeMemoryPool, makeServer, makeSimulation, process, wait } from "../../src/engine/index.ts"
import { randomStream } from "../../src/random/index.ts"

describe("a queue of random arrivals and constant service of 1 s (M/D/1)", () => {
  // Pollaczek and Khinchine: the mean wait is load / (2 (1 - load)) service times.
  test.each([
    [0.3, 0.3 / 1.4],
    [0.5, 0.5],
    [0.8, 2]
  ])("at load %d waits %d s on average", (load, expectedSeconds) => {
    const customers = 300_000
    const simulation = makeSimulation()
    const server = makeServer(simulation)
    const draw = randomStream(11, "arrivals")
    let waitedSeconds = 0
    let served = 0
    process(simulation, function* () {
      for (let customer = 0; customer < customers; customer++) {
        yield wait(-Math.log(1 - draw()) / load)
        process(simulation, function* () {
          const arrivalSeconds = simulation.now
          yield server.acquire()
          waitedSeconds += simulation.now - arrivalSeconds
          yield wait(1)
          server.release()
          served++
        })
      }
    })
    simulation.run()
    expect(served).toBe(customers)
    expect(server.busySeconds).toBeCloseTo(customers, 3)
    expect(Math.abs(server.utilisation / load - 1)).toBeLessThan(0.01)
    expect(Math.abs(waitedSeconds / customers / expectedSeconds - 1)).toBeLessThan(0.03)
  })
})

test("whatever 500 processes take from a pool and two servers, all is given back and never more than there is", () => {
  const simulation = makeSimulation()
  const pool = makeMemoryPool(simulation, 100)
  const server = makeServer(simulation, 2)
  const draw = randomStream(5, "work")
  let most = 0
  let finished = 0
  let workSeconds = 0
  for (let index = 0; index < 500; index++) {
    const startSeconds = draw() * 100
    const amount = Math.floor(draw() * 101)
    const seconds = draw()
    workSeconds += seconds
    process(simulation, function* () {
      yield wait(startSeconds)
      yield pool.acquire(amount)
      most = Math.max(most, pool.inUse)
      yield server.acquire()
      expect(server.inUse).toBeLessThanOrEqual(2)
      yield wait(seconds)
      server.release()
      pool.release(amount)
      finished++
    })
  }
  simulation.run()
  expect([finished, pool.inUse, pool.waiting, server.inUse, server.waiting]).toEqual([500, 0, 0, 0, 0])
  expect(most).toBeLessThanOrEqual(100)
  expect(pool.peak).toBe(most)
  expect(server.busySeconds).toBeCloseTo(workSeconds, 8)
})
