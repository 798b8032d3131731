/** Small traces, and large ones drawn by lot from a fixed seed. */
import { makeRecorder, type Recorder, type Trace } from "../../src/trace/index.ts"
import { randomStream } from "../../src/random/index.ts"

/** Two ranks of a pipeline: two micro-batches, a send between the ranks, layers inside of the forward passes. */
export const twoStages = (): Trace => {
  const recorder = makeRecorder({ mode: "full" })
  const schedule = [0, 1].map((rank) =>
    recorder.track(["run", `node ${rank}`, `rank ${rank} (stage ${rank})`, "schedule"])
  )
  const sends = recorder.track(["run", "node 0", "rank 0 (stage 0)", "pipeline"])
  const name = (text: string): number => recorder.name(text)
  const layers = recorder.template([
    { name: "product", stream: "compute", offsetSeconds: 0, durationSeconds: 0.6, flops: 100, layer: 0 },
    { name: "all-reduce", stream: "tensor", offsetSeconds: 0.6, durationSeconds: 0.2, bytes: 50, layer: 0 },
    { name: "product", stream: "compute", offsetSeconds: 0.8, durationSeconds: 0.2, flops: 30, layer: 1 }
  ])
  const work = (
    rank: number,
    text: string,
    start: number,
    seconds: number,
    microBatch: number,
    template?: number
  ): number =>
    recorder.slice(schedule[rank]!, name(text), start, seconds, {
      microBatch,
      stage: rank,
      ...(template === undefined ? {} : { template })
    })
  const first = work(0, "F 0", 0, 1, 0, layers)
  work(0, "F 1", 1, 1, 1, layers)
  const send = recorder.slice(sends, name("send F 0"), 1, 0.5, { microBatch: 0, bytes: 10 })
  const second = work(1, "F 0", 1.5, 1, 0, layers)
  const back = work(1, "B 0", 2.5, 2, 0)
  const last = work(0, "B 0", 5, 2, 0)
  recorder.flow(first, send)
  recorder.flow(send, second)
  recorder.flow(back, last)
  memory(recorder)
  return recorder.finish()
}

const memory = (recorder: Recorder): void => {
  const counter = recorder.counter(
    recorder.track(["run", "node 0", "rank 0 (stage 0)"]),
    recorder.name("memory (bytes)")
  )
  for (const [time, value] of [
    [0, 10],
    [1, 30],
    [5, 20]
  ] as const)
    recorder.sample(counter, time, value)
}

/** Slices one after another with gaps, on `tracks` tracks; lengths spread over six powers of ten. */
export const manySlices = (tracks: number, slices: number): Trace => {
  const recorder = makeRecorder({ mode: "full" })
  const lot = randomStream(7, "slices")
  for (let track = 0; track < tracks; track++) {
    const number = recorder.track(["run", `rank ${track}`, track % 2 === 0 ? "schedule" : "data"])
    let time = 0
    for (let slice = 0; slice < slices; slice++) {
      time += lot() < 0.3 ? lot() * 0.01 : 0
      const duration = 10 ** (-6 * lot())
      recorder.slice(number, recorder.name(lot() < 0.5 ? "F 1" : "B 1"), time, duration)
      time += duration
    }
  }
  return recorder.finish()
}
