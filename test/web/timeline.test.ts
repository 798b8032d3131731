import { describe, expect, test } from "vitest"
import { makeRecorder } from "../../src/trace/index.ts"
import { randomStream } from "../../src/random/index.ts"
import { hitLane, hitStream } from "../../web/model/hit.ts"
import { lanesOf, mostLanes } from "../../web/model/lanes.ts"
import { gallop, longestIn, plantLongest } from "../../web/model/longest.ts"
import { neighbour, positionOf, stretchOf, trackOfHit } from "../../web/model/place.ts"
import { laneRectangles, rectangleCache, type Rectangles } from "../../web/model/rectangles.ts"
import { streamRectangles, streamsOf } from "../../web/model/streams.ts"
import { coloursOf, timelineOf, type Timeline } from "../../web/model/timeline.ts"
import { kindOfColour } from "../../web/model/kinds.ts"
import { manySlices, twoStages } from "./recordings.ts"

const listed = ({ count, start, end, members }: Rectangles) =>
  Array.from({ length: count }, (_, index) => [start[index], end[index], members[index]])

const oneTrack = (slices: readonly (readonly [start: number, duration: number, name?: string])[]): Timeline => {
  const recorder = makeRecorder({ mode: "full" })
  const track = recorder.track(["rank", "schedule"])
  for (const [start, duration, name = "F 1"] of slices) recorder.slice(track, recorder.name(name), start, duration)
  return timelineOf(recorder.finish())
}

describe("lanes", () => {
  const lanes = (...slices: readonly (readonly [number, number])[]) => {
    const answer = lanesOf(
      Float64Array.from(slices, ([start]) => start),
      Float64Array.from(slices, ([, end]) => end),
      0,
      slices.length
    )
    return answer === null ? null : [...answer]
  }

  test("slices one after another need one lane", () => {
    expect(lanes([0, 1], [1, 2], [5, 6])).toBeNull()
  })

  test("what is inside of a slice goes below it", () => {
    expect(lanes([0, 10], [1, 5], [2, 3], [5, 9], [12, 13])).toEqual([0, 1, 2, 1, 0])
  })

  test("slices that overlap go side by side", () => {
    expect(lanes([0, 3], [2, 5], [4, 6])).toEqual([0, 1, 0])
  })

  test("a rounding error is no overlap", () => {
    expect(lanes([0, 0.1 + 0.2], [0.3, 1])).toBeNull()
  })

  test("nesting without end stays within the lanes there are", () => {
    const deep = Array.from({ length: 1000 }, (_, level) => [level, 5000 - level] as const)
    expect(Math.max(...(lanes(...deep) ?? []))).toBe(mostLanes - 1)
  })
})

describe("the longest slice of a range", () => {
  test("is what a search of all finds, in trees of any size", () => {
    const lot = randomStream(3, "longest")
    for (const count of [1, 2, 3, 7, 64, 100, 257]) {
      const start = Float64Array.from({ length: count }, (_, index) => index)
      const end = start.map((one) => one + lot())
      const tree = new Uint32Array(count)
      plantLongest(tree, start, end, 0, count)
      for (let trial = 0; trial < 200; trial++) {
        const from = Math.floor(lot() * count)
        const to = from + 1 + Math.floor(lot() * (count - from))
        const found = longestIn(tree, start, end, 0, count, from, to)
        const lengths = [...end.subarray(from, to)].map((one, index) => one - start[from + index]!)
        expect(end[found]! - start[found]!).toBe(Math.max(...lengths))
        expect(found).toBeGreaterThanOrEqual(from)
        expect(found).toBeLessThan(to)
      }
    }
  })

  test("galloping finds the first value that is large enough", () => {
    const values = Float64Array.of(1, 3, 3, 7, 9)
    expect([0, 1, 2, 3, 4, 9, 10].map((value) => gallop(values, 0, 5, value))).toEqual([0, 0, 1, 1, 3, 4, 5])
    expect(gallop(values, 2, 5, 0)).toBe(2)
    expect(gallop(values, 5, 5, 0)).toBe(5)
  })
})

describe("rectangles", () => {
  test("slices of a bucket or longer are drawn as they are", () => {
    const timeline = oneTrack([
      [0, 2],
      [3, 1]
    ])
    expect(listed(laneRectangles(timeline, 0, { start: 0, end: 4 }, 1))).toEqual([
      [0, 2, 1],
      [3, 4, 1]
    ])
  })

  test("shorter ones of a bucket become one, in the colour of the longest", () => {
    const timeline = oneTrack([
      [0.1, 0.1],
      [0.3, 0.4, "B 7"],
      [0.8, 0.1],
      [2.5, 0.1]
    ])
    const found = laneRectangles(timeline, 0, { start: 0, end: 4 }, 1)
    expect(listed(found)).toEqual([
      [0, 1, 3],
      [2, 3, 1]
    ])
    expect(found.slice[0]).toBe(1)
    expect(found.colour[0]).toBe(timeline.colour[1])
  })

  test("neighbouring buckets of one colour become one rectangle", () => {
    const timeline = oneTrack(Array.from({ length: 40 }, (_, index) => [index * 0.1, 0.1] as const))
    expect(listed(laneRectangles(timeline, 0, { start: 0, end: 4 }, 1))).toEqual([[0, 4, 40]])
  })

  test("a long slice that begins inside of a bucket keeps its own rectangle", () => {
    const timeline = oneTrack([
      [0, 0.2],
      [0.5, 5],
      [5.5, 0.1]
    ])
    expect(listed(laneRectangles(timeline, 0, { start: 0, end: 8 }, 1))).toEqual([
      [0, 1, 1],
      [0.5, 5.5, 1],
      [5, 6, 1]
    ])
  })

  test("a slice of no length is seen", () => {
    expect(listed(laneRectangles(oneTrack([[1.5, 0]]), 0, { start: 0, end: 4 }, 1))).toEqual([[1, 2, 1]])
  })

  test("every slice is in exactly one rectangle, at any resolution", () => {
    const trace = manySlices(4, 3000)
    const timeline = timelineOf(trace)
    for (const bucket of [2 ** -20, 2 ** -10, 2 ** -4, 1, 64]) {
      for (let lane = 0; lane < timeline.lanes.length; lane++) {
        const found = laneRectangles(timeline, lane, timeline.bounds, bucket)
        const members = listed(found).reduce((sum, [, , count]) => sum + count!, 0)
        expect(members).toBe(3000)
        for (let index = 1; index < found.count; index++)
          expect(found.start[index]).toBeGreaterThanOrEqual(found.start[index - 1]!)
      }
    }
  })

  test("a window shows what a wider one shows there", () => {
    const timeline = timelineOf(manySlices(1, 2000))
    const [bucket, { end }] = [2 ** -8, timeline.bounds]
    const wide = listed(laneRectangles(timeline, 0, timeline.bounds, bucket))
    const window = { start: end * 0.4, end: end * 0.6 }
    const inside = wide.filter(([start, until]) => start! > window.start + bucket && until! < window.end - bucket)
    const narrow = listed(laneRectangles(timeline, 0, window, bucket))
    expect(inside.length).toBeGreaterThan(20)
    for (const one of inside) expect(narrow).toContainEqual(one)
  })

  test("panning asks for more than is seen, once, and for nothing new inside of that", () => {
    let asked = 0
    const cache = rectangleCache((_lane, window) => {
      asked++
      return laneRectangles(timelineOf(manySlices(1, 10)), 0, window, 1)
    })
    const at = (start: number, bucket = 1): number => {
      cache.get(1, { start, end: start + 10 }, bucket)
      return asked
    }
    // A fifth of a window on either side of what is seen first, and a whole one of what is moved to.
    expect([at(10), at(11), at(9)]).toEqual([1, 1, 1])
    expect([at(15), at(25), at(5)]).toEqual([2, 2, 2])
    expect([at(5, 0.5), at(8, 0.5)]).toEqual([3, 4])
  })

  test("no frame makes many windows of all lanes: 64 lanes that pan by a tenth, and zoom at every twentieth frame", () => {
    let made = 0
    let seen = 1
    const empty = laneRectangles(timelineOf(manySlices(1, 10)), 0, { start: 0, end: 1 }, 1)
    const cache = rectangleCache((_lane, { start, end }) => {
      made += (end - start) / seen
      return empty
    })
    const frames: number[] = []
    let start = 0
    for (let frame = 0; frame < 200; frame++) {
      if (frame % 20 === 0) seen /= 2
      made = 0
      for (let lane = 0; lane < 64; lane++) cache.get(lane, { start, end: start + seen }, seen / 1024)
      frames.push(made)
      start += seen / 10
    }
    expect(Math.max(...frames)).toBeLessThan(64 * 1.4)
    // Three windows of each whenever one of them is left were 3840 in all, 192 in one frame.
    expect(frames.reduce((sum, one) => sum + one)).toBeLessThan(1.5 * 3840)
  })
})

describe("streams", () => {
  const trace = twoStages()
  const timeline = timelineOf(trace)
  const streams = streamsOf(trace)
  const track = (name: string, rank = 0) =>
    trace.tracks.findIndex((path) => path.at(-1) === name && path[2]!.startsWith(`rank ${rank}`))
  const drawn = (name: string, bucket: number, window = timeline.bounds) =>
    streamRectangles(timeline, streams, streams.byTrack.get(track(name))!, window, bucket, new Set())

  test("near, an operation is drawn kernel by kernel", () => {
    expect(listed(drawn("compute", 2 ** -10, { start: 0, end: 0.9 }))).toEqual([
      [0, 0.6, 1],
      [0.8, 1, 1]
    ])
  })

  test("far, it is a bar as high as the stream's share of its time", () => {
    const found = drawn("tensor", 0.125)
    expect(listed(found)).toEqual([
      [0, 1, 1],
      [1, 2, 1]
    ])
    expect(found.level[0]).toBe(Math.round(255 * 0.2))
    expect(kindOfColour(found.colour[0]!)).toBe("tensor")
  })

  test("a hidden kind is not drawn", () => {
    const hidden = streamRectangles(
      timeline,
      streams,
      streams.byTrack.get(track("tensor"))!,
      timeline.bounds,
      0.125,
      new Set(["tensor"])
    )
    expect(hidden.count).toBe(0)
  })

  test("a kernel is found at its time", () => {
    const hit = hitStream(timeline, streams, track("compute"), 0.9, 0.001)
    expect(hit?.slice).toBe(0)
    expect(stretchOf(timeline, hit!)).toEqual({ start: 0.8, end: 1 })
    expect(trackOfHit(timeline, streams, hit!)).toBe(track("compute"))
    expect(hitStream(timeline, streams, track("compute"), 0.7, 0.001)).toBeUndefined()
  })

  test("from kernel to kernel, and on into the next operation", () => {
    const first = hitStream(timeline, streams, track("compute", 0), 0.3, 0.001)!
    const second = neighbour(timeline, streams, first, 1)!
    expect(stretchOf(timeline, second)).toEqual({ start: 0.8, end: 1 })
    const third = neighbour(timeline, streams, second, 1)!
    expect(third.slice).toBe(1)
    expect(stretchOf(timeline, third)).toEqual({ start: 1, end: 1.6 })
    expect(neighbour(timeline, streams, second, -1)).toEqual(first)
  })
})

describe("a timeline", () => {
  test("finds slices by time, the nearest within reach", () => {
    const timeline = oneTrack([
      [0, 1],
      [2, 1]
    ])
    expect(hitLane(timeline, 0, 0.5, 0.01)).toBe(0)
    expect(hitLane(timeline, 0, 2.999, 0.01)).toBe(1)
    expect(hitLane(timeline, 0, 1.5, 0.01)).toBe(-1)
    expect(hitLane(timeline, 0, 1.5, 0.6)).not.toBe(-1)
  })

  test("knows where a slice stands, and its neighbours", () => {
    const trace = twoStages()
    const timeline = timelineOf(trace)
    expect(neighbour(timeline, streamsOf(trace), { slice: 0, entry: -1 }, 1)).toEqual({ slice: 1, entry: -1 })
    expect(neighbour(timeline, streamsOf(trace), { slice: 0, entry: -1 }, -1)).toBeUndefined()
    expect(positionOf(timeline, 5)?.depth).toBe(0)
  })

  test("without a kind leaves its slices out, and keeps the rest", () => {
    const trace = twoStages()
    const whole = timelineOf(trace)
    const fewer = timelineOf(trace, coloursOf(trace), new Set(["pipeline"]))
    expect(whole.order.length - fewer.order.length).toBe(1)
    expect([...fewer.order]).not.toContain(2)
  })

  test("of unsorted slices is in order of time", () => {
    const timeline = oneTrack([
      [5, 1],
      [0, 1],
      [3, 1]
    ])
    expect([...timeline.start]).toEqual([0, 3, 5])
    expect([...timeline.order]).toEqual([1, 2, 0])
  })

  test("of nothing has a second to look at", () => {
    const timeline = timelineOf(makeRecorder({ mode: "full" }).finish())
    expect(timeline.bounds).toEqual({ start: 0, end: 1 })
    expect(timeline.lanes).toEqual([])
  })
})
