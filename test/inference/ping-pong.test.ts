/**
 * Micro-batches between attention and feed-forward ranks, against the closed form.
 */
import { expect, test } from "vitest"
import { pingPongSeconds, type LayerLegs } from "../../src/inference/ping-pong.ts"
import { randomStream } from "../../src/random/index.ts"

const around = ({ attention, there, feedForward, back }: LayerLegs): number => attention + there + feedForward + back
const longest = ({ attention, there, feedForward, back }: LayerLegs): number =>
  Math.max(attention, there, feedForward, back)

/** The longest path through the order of events: L - 1 cycles, a round trip, and the others in front of the last. */
const closedForm = (legs: LayerLegs, layers: number, count: number): number =>
  (layers - 1) * Math.max(count * longest(legs), around(legs)) + around(legs) + (count - 1) * longest(legs)

const stream = randomStream(7, "ping-pong")
const legsByLot = (): LayerLegs => ({
  attention: stream() * 10,
  there: stream() * 5,
  feedForward: stream() * 10,
  back: stream() * 5
})
const whole = (most: number): number => 1 + Math.floor(stream() * most)

test("one micro-batch goes round alone: 3 layers of 4 + 1 + 2 + 1", () => {
  expect(pingPongSeconds([{ layers: 3, attention: 4, there: 1, feedForward: 2, back: 1 }], 1)).toBe(24)
})

test("two hide each other's ways where the sides are alike: 10 layers of 2 x 3, and one way round at the end", () => {
  // Attention 3, feed-forward 3, ways 0: the sides swap micro-batches every 3 seconds.
  expect(pingPongSeconds([{ layers: 10, attention: 3, there: 0, feedForward: 3, back: 0 }], 2)).toBe(9 * 6 + 6 + 3)
  // With ways of 1 each two are too few (8 a cycle), three are enough (9).
  const legs = { attention: 3, there: 1, feedForward: 3, back: 1 }
  expect(pingPongSeconds([{ layers: 10, ...legs }], 2)).toBe(9 * 8 + 8 + 3)
  expect(pingPongSeconds([{ layers: 10, ...legs }], 3)).toBe(9 * 9 + 8 + 6)
})

test("500 drawn by lot take max(k longest leg, round trip) a layer and the fill", () => {
  for (let draw = 0; draw < 500; draw++) {
    const [legs, layers, count] = [legsByLot(), whole(100), whole(6)]
    expect(pingPongSeconds([{ layers, ...legs }], count) / closedForm(legs, layers, count)).toBeCloseTo(1, 10)
  }
})

test("passing over layers that repeat changes nothing: alike layers as one run or each for itself", () => {
  for (let draw = 0; draw < 200; draw++) {
    const runs = [
      { layers: whole(10), ...legsByLot() },
      { layers: whole(60), ...legsByLot() }
    ]
    const single = runs.flatMap((run) => Array.from({ length: run.layers }, () => ({ ...run, layers: 1 })))
    const count = whole(5)
    expect(pingPongSeconds(runs, count) / pingPongSeconds(single, count)).toBeCloseTo(1, 10)
  }
})
