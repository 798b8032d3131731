import { describe, expect, test } from "vitest"
import {
  BadResourceSize,
  makeLink,
  makeMemoryPool,
  makeServer,
  makeSignal,
  makeSimulation,
  process,
  ReleasedTooMuch,
  wait
} from "../../src/engine/index.ts"

describe("processes", () => {
  test("two play ping-pong: three serves of 1 s there and 2 s back take 9 s", () => {
    const simulation = makeSimulation()
    const ping = makeSignal(simulation)
    const pong = makeSignal(simulation)
    const log: Array<string> = []
    process(simulation, function* () {
      for (let round = 0; round < 3; round++) {
        yield ping.next
        yield wait(2)
        log.push(`pong ${simulation.now}`)
        pong.fire()
      }
    })
    process(simulation, function* () {
      for (let round = 0; round < 3; round++) {
        yield wait(1)
        log.push(`ping ${simulation.now}`)
        ping.fire()
        yield pong.next
      }
    })
    simulation.run()
    expect(log).toEqual(["ping 1", "pong 3", "ping 4", "pong 6", "ping 7", "pong 9"])
  })

  test("joining waits for the end, or not at all when it has come", () => {
    const simulation = makeSimulation()
    const log: Array<number> = []
    const worker = process(simulation, function* () {
      yield wait(4)
    })
    process(simulation, function* () {
      yield worker.join
      log.push(simulation.now)
      yield worker.join
      log.push(simulation.now)
    })
    expect(worker.isDone).toBe(false)
    simulation.run()
    expect(log).toEqual([4, 4])
    expect(worker.isDone).toBe(true)
  })

  test("a signal wakes all that wait, in order, and forgets", () => {
    const simulation = makeSimulation()
    const signal = makeSignal(simulation)
    const log: Array<string> = []
    for (const name of ["a", "b"]) {
      process(simulation, function* () {
        yield signal.next
        log.push(name)
      })
    }
    simulation.run()
    expect([signal.fire(), signal.fire()]).toEqual([2, 0])
    simulation.run()
    expect(log).toEqual(["a", "b"])
  })

  test("10,000 processes that are free to go on need no deep stack", () => {
    const simulation = makeSimulation()
    const server = makeServer(simulation)
    let rounds = 0
    process(simulation, function* () {
      for (; rounds < 10_000; rounds++) {
        yield server.acquire()
        server.release()
      }
    })
    simulation.run()
    expect([rounds, simulation.now, server.inUse]).toEqual([10_000, 0, 0])
  })
})

describe("a server", () => {
  test("with two places serves three jobs of 3 s that come at once until 6 s, first come first served", () => {
    const simulation = makeSimulation()
    const server = makeServer(simulation, 2)
    const log: Array<string> = []
    for (const name of ["a", "b", "c"]) {
      process(simulation, function* () {
        yield server.acquire()
        log.push(`${name} starts ${simulation.now}`)
        yield wait(3)
        server.release()
      })
    }
    simulation.run(12)
    expect(log).toEqual(["a starts 0", "b starts 0", "c starts 3"])
    // 9 s of work in 2 places x 12 s.
    expect([server.busySeconds, server.utilisation, server.peakWaiting, server.waiting]).toEqual([9, 0.375, 1, 0])
  })

  test("cannot be left by nobody, and has at least one whole place", () => {
    const simulation = makeSimulation()
    expect(() => makeServer(simulation).release()).toThrow(ReleasedTooMuch)
    for (const places of [0, 1.5, NaN]) expect(() => makeServer(simulation, places)).toThrow(BadResourceSize)
  })
})

describe("a memory pool", () => {
  test("of 10 lets 6 and 4 in, holds 7 back until 6 is returned, and lets nobody overtake", () => {
    const simulation = makeSimulation()
    const pool = makeMemoryPool(simulation, 10)
    const log: Array<string> = []
    const user = (name: string, startSeconds: number, amount: number, seconds: number): void => {
      process(simulation, function* () {
        yield wait(startSeconds)
        yield pool.acquire(amount)
        log.push(`${name} ${simulation.now}`)
        yield wait(seconds)
        pool.release(amount)
      })
    }
    user("a", 0, 6, 5)
    user("b", 1, 3, 9)
    user("c", 2, 7, 1)
    user("d", 3, 1, 1)
    simulation.run()
    // d's 1 would fit beside 6 + 3 at 3 s, but c came before; c's 7 fits beside b's 3 at 5 s, and d when c leaves at 6 s.
    expect(log).toEqual(["a 0", "b 1", "c 5", "d 6"])
    expect([pool.peak, pool.peakAtSeconds, pool.inUse, pool.waiting]).toEqual([10, 5, 0, 0])
  })

  test("answers at once to those who would not wait", () => {
    const pool = makeMemoryPool(makeSimulation(), 10)
    expect([pool.tryAcquire(8), pool.tryAcquire(3), pool.tryAcquire(2), pool.peak]).toEqual([true, false, true, 10])
  })

  test("refuses what can never fit, and the return of more than was taken", () => {
    const pool = makeMemoryPool(makeSimulation(), 10)
    for (const amount of [11, -1, NaN]) expect(() => pool.tryAcquire(amount)).toThrow(BadResourceSize)
    expect(() => pool.release(1)).toThrow(ReleasedTooMuch)
  })
})

describe("a link", () => {
  test("of 10 bytes/s and 0.5 s latency delivers 20 and 30 bytes sent together at 2.5 s and 5.5 s", () => {
    const simulation = makeSimulation()
    const link = makeLink(simulation, 10, 0.5)
    const log: Array<number> = []
    for (const bytes of [20, 30]) {
      process(simulation, function* () {
        yield link.transfer(bytes)
        log.push(simulation.now)
      })
    }
    simulation.run(4)
    expect([link.busySeconds, link.utilisation]).toEqual([4, 1])
    simulation.run(20)
    expect(log).toEqual([2.5, 5.5])
    expect([link.bytes, link.busySeconds, link.utilisation]).toEqual([50, 5, 0.25])
  })

  test("that stood idle starts anew: 10 bytes at 0 s and 10 bytes at 7 s are busy for 2 s", () => {
    const simulation = makeSimulation()
    const link = makeLink(simulation, 10)
    const log: Array<number> = []
    process(simulation, function* () {
      yield link.transfer(10)
      log.push(simulation.now)
      yield wait(6)
      yield link.transfer(10)
      log.push(simulation.now)
    })
    simulation.run()
    expect([...log, link.busySeconds]).toEqual([1, 8, 2])
  })

  test("needs a rate, and bytes that are a number", () => {
    const simulation = makeSimulation()
    for (const rate of [0, -1, NaN]) expect(() => makeLink(simulation, rate)).toThrow(BadResourceSize)
    expect(() => makeLink(simulation, 1, -1)).toThrow(BadResourceSize)
    expect(() => makeLink(simulation, 1).transfer(NaN)(() => {}, simulation)).toThrow(BadResourceSize)
  })
})
