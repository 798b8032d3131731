/** Flows that are taken off the wires before their end. */
import { expect, test } from "vitest"
import { makeFlowNetwork } from "../../src/cluster/index.ts"
import { makeSimulation } from "../../src/engine/index.ts"

test("the others get what a cancelled flow leaves, and nobody is called for it", () => {
  const simulation = makeSimulation()
  const network = makeFlowNetwork(simulation, Float64Array.of(100))
  const ended: (readonly [number, number])[] = []
  const end = simulation.register((flow) => ended.push([flow, simulation.now]))
  const first = network.start({ bytes: 1000, links: [0] }, end, 1)
  network.start({ bytes: 1000, links: [0] }, end, 2)
  const cancel = simulation.register(() => {
    // 4 s at 50 bytes/s.
    expect(network.remainingOf(first)).toBe(800)
    network.cancel(first)
    network.cancel(first)
  })
  simulation.at(4, cancel, 0)
  simulation.run()
  // 200 bytes until 4 s, the other 800 alone at 100 bytes/s.
  expect(ended).toEqual([[2, 12]])
  expect(network.carriedBytes(0)).toBe(1200)
  expect(network.active).toBe(0)
})

test("a flow that waits for its latency never begins once it is cancelled, and its place is used again", () => {
  const simulation = makeSimulation()
  const network = makeFlowNetwork(simulation, Float64Array.of(100))
  const ended: (readonly [number, number])[] = []
  const end = simulation.register((flow) => ended.push([flow, simulation.now]))
  const waiting = network.start({ bytes: 1000, links: [0], latencySeconds: 5 }, end, 1)
  network.cancel(waiting)
  network.start({ bytes: 300, links: [0], latencySeconds: 1 }, end, 2)
  simulation.run()
  expect(ended).toEqual([[2, 4]])
  expect(network.carriedBytes(0)).toBe(300)
})
