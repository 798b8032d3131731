/** A small trace that several tests look at: two ranks, a forward with a template, a send, a receive and a counter. */
import { makeRecorder, type RecorderMode, type Trace } from "../../src/trace/index.ts"

export const exampleTrace = (mode: RecorderMode = "full"): Trace => {
  const recorder = makeRecorder({ mode })
  const rank0 = ["Jean Zay", "node 0", "rank 0"]
  const compute0 = recorder.track([...rank0, "compute"])
  const network0 = recorder.track([...rank0, "network"])
  const compute1 = recorder.track(["Jean Zay", "node 0", "rank 1", "compute"])
  const forwardInside = recorder.template([
    { name: "layer", stream: "compute", offsetSeconds: 0, durationSeconds: 0.4, layer: 7, flops: 1e12 },
    { name: "all-reduce", stream: "tensor", offsetSeconds: 0.25, durationSeconds: 0.125, bytes: 4e6 }
  ])
  const forward = recorder.name("forward")
  const first = recorder.slice(compute0, forward, 0, 0.5, { microBatch: 3, stage: 0, template: forwardInside })
  const send = recorder.slice(network0, recorder.name("send"), 0.5, 0.25, { bytes: 2e6 })
  const second = recorder.slice(compute1, forward, 0.75, 0.5, { microBatch: 3, stage: 1, template: forwardInside })
  recorder.flow(first, send)
  recorder.flow(send, second)
  const memory = recorder.counter(recorder.track(rank0), recorder.name("memory"))
  recorder.sample(memory, 0, 10e9)
  recorder.sample(memory, 0.5, 12e9)
  return recorder.finish()
}
