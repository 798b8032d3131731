import { describe, expect, test } from "vitest"
import { AlreadyRunning, BadEventTime, type EventId, makeSimulation, UnknownHandler } from "../../src/engine/index.ts"
import { randomStream } from "../../src/random/index.ts"

/** A simulation whose handler writes down (time, argument). */
const logged = () => {
  const simulation = makeSimulation()
  const log: Array<readonly [time: number, argument: number]> = []
  const handler = simulation.register((argument) => log.push([simulation.now, argument]))
  return { simulation, log, handler }
}

describe("events", () => {
  test("happen in order of time, and of scheduling when their times are equal", () => {
    const { simulation, log, handler } = logged()
    simulation.at(3, handler, 1)
    simulation.at(1, handler, 2)
    simulation.at(3, handler, 3)
    simulation.at(2, handler, 4)
    simulation.at(3, handler, 5)
    simulation.run()
    expect(log).toEqual([
      [1, 2],
      [2, 4],
      [3, 1],
      [3, 3],
      [3, 5]
    ])
    expect(simulation.executed).toBe(5)
    expect(simulation.now).toBe(3)
  })

  test("5,000 with 50 different times come out as a stable sort would order them", () => {
    const { simulation, log, handler } = logged()
    const draw = randomStream(1, "times")
    const scheduled = Array.from({ length: 5000 }, (_, argument) => [Math.floor(draw() * 50), argument] as const)
    for (const [time, argument] of scheduled) simulation.at(time, handler, argument)
    simulation.run()
    expect(log).toEqual(scheduled.toSorted(([a], [b]) => a - b))
  })

  test("scheduled while running, for now, happen after those already scheduled for now", () => {
    const simulation = makeSimulation()
    const log: Array<number> = []
    const handler = simulation.register((argument) => {
      log.push(argument)
      if (argument === 1) simulation.after(0, handler, 3)
    })
    simulation.at(5, handler, 1)
    simulation.at(5, handler, 2)
    simulation.run()
    expect(log).toEqual([1, 2, 3])
  })

  test("a run until 2 s includes what happens at 2 s, leaves the clock there and the rest pending", () => {
    const { simulation, log, handler } = logged()
    for (const time of [1, 2, 3]) simulation.at(time, handler, time)
    simulation.run(2)
    expect(log.length).toBe(2)
    expect([simulation.now, simulation.pending, simulation.nextEventSeconds]).toEqual([2, 1, 3])
    simulation.run(10)
    expect([simulation.now, simulation.pending, simulation.nextEventSeconds]).toEqual([10, 0, Infinity])
  })

  test("stop ends the run after the current event, and the next run goes on", () => {
    const simulation = makeSimulation()
    const handler = simulation.register((argument) => {
      if (argument === 1) simulation.stop()
    })
    simulation.at(1, handler, 1)
    simulation.at(2, handler, 2)
    simulation.run(9)
    expect([simulation.now, simulation.pending]).toEqual([1, 1])
    simulation.run()
    expect([simulation.now, simulation.executed]).toEqual([2, 2])
  })

  test("are refused in the past, at no number, at infinity and for an unknown handler", () => {
    const { simulation, handler } = logged()
    simulation.at(4, handler, 0)
    simulation.run()
    for (const time of [3.999, NaN, Infinity, -Infinity]) {
      expect(() => simulation.at(time, handler, 0)).toThrow(BadEventTime)
    }
    expect(() => simulation.after(-1e-9, handler, 0)).toThrow(BadEventTime)
    expect(() => simulation.after(NaN, handler, 0)).toThrow(BadEventTime)
    expect(() => simulation.run(3)).toThrow(BadEventTime)
    for (const unknown of [1, -1, NaN]) expect(() => simulation.at(5, unknown, 0)).toThrow(UnknownHandler)
    expect(simulation.pending).toBe(0)
  })

  test("a handler cannot run its own simulation, and an error in a handler leaves it usable", () => {
    const simulation = makeSimulation()
    const handler = simulation.register(() => simulation.run())
    simulation.at(1, handler, 0)
    expect(() => simulation.run()).toThrow(AlreadyRunning)
    simulation.run()
    expect(simulation.executed).toBe(1)
  })
})

describe("cancelling", () => {
  test("takes back one event, once", () => {
    const { simulation, log, handler } = logged()
    simulation.at(1, handler, 1)
    const second = simulation.at(2, handler, 2)
    simulation.at(3, handler, 3)
    expect([simulation.cancel(second), simulation.cancel(second)]).toEqual([true, false])
    simulation.run()
    expect(log.map(([, argument]) => argument)).toEqual([1, 3])
  })

  test("an event that has run cannot be cancelled, nor can its id hit the event that reuses its place", () => {
    const { simulation, log, handler } = logged()
    const first = simulation.at(1, handler, 1)
    simulation.run()
    const second = simulation.at(2, handler, 2)
    expect(first).not.toBe(second)
    expect(simulation.cancel(first)).toBe(false)
    for (const never of [NaN, -1, 0.5, 1e15, Infinity]) expect(simulation.cancel(never)).toBe(false)
    simulation.run()
    expect(log.length).toBe(2)
  })

  test("an event cannot cancel itself while it runs", () => {
    const simulation = makeSimulation()
    const answers: Array<boolean> = []
    let own: EventId = NaN
    const handler = simulation.register(() => answers.push(simulation.cancel(own)))
    own = simulation.at(1, handler, 0)
    simulation.run()
    expect(answers).toEqual([false])
  })

  test("any half of 2,000 leaves the other half in order", () => {
    const { simulation, log, handler } = logged()
    const draw = randomStream(2, "cancellations")
    const scheduled = Array.from({ length: 2000 }, (_, argument) => {
      const time = Math.floor(draw() * 300)
      return { time, argument, id: simulation.at(time, handler, argument) }
    })
    const kept = scheduled.filter(() => draw() < 0.5)
    for (const event of scheduled) if (!kept.includes(event)) expect(simulation.cancel(event.id)).toBe(true)
    expect(simulation.pending).toBe(kept.length)
    simulation.run()
    expect(log).toEqual(kept.toSorted((a, b) => a.time - b.time).map(({ time, argument }) => [time, argument]))
  })

  test("a timeout set and cancelled a million times leaves nothing behind and never repeats an id", () => {
    const { simulation, handler } = logged()
    let previous = -1
    for (let round = 0; round < 1_000_000; round++) {
      const id = simulation.after(1000, handler, 0)
      if (id === previous || !simulation.cancel(id)) throw new Error(`round ${round}`)
      previous = id
    }
    expect([simulation.pending, simulation.executed]).toEqual([0, 0])
  })
})

test("two runs of one seed are equal to the last bit, and another seed's differs", () => {
  const run = (seed: number): ReadonlyArray<readonly [number, number]> => {
    const { simulation, log } = logged()
    const draw = randomStream(seed, "delays")
    const branch = simulation.register((argument) => {
      log.push([simulation.now, argument])
      for (let child = 0; child < 2; child++) {
        if (argument < 9) simulation.after(draw(), branch, argument + 1)
      }
    })
    simulation.at(0, branch, 0)
    simulation.run()
    return log
  }
  expect(run(1).length).toBe(1023)
  expect(run(1)).toEqual(run(1))
  expect(run(1)).not.toEqual(run(2))
})
