/** Rates of single rooms: what a recorder that is off costs, and how long a schedule takes to generate. */
import { expect, test } from "vitest"
import { schedules } from "../../src/parallel/index.ts"
import { makeRecorder } from "../../src/trace/index.ts"

const rounds = { time: 1, iterations: 4, warmupTime: 0, warmupIterations: 1 }

const record = (mode: "off" | "full"): void => {
  const recorder = makeRecorder({ mode })
  const track = recorder.track(["rank", "stream"])
  const name = recorder.name("x")
  for (let index = 0; index < 1_000_000; index++) recorder.slice(track, name, index, 1, { layer: index })
}

test("a recorder that is off takes less than half the time of a full one", async ({ bench }) => {
  const off = await bench("a million slices, off", () => record("off")).run(rounds)
  const full = await bench("a million slices, full", () => record("full")).run(rounds)
  expect(off.latency.min).toBeLessThan(full.latency.min / 2)
})

const generated = [
  ["1f1b", { stages: 16, microBatches: 4096, chunks: 1 }, 100],
  ["interleaved", { stages: 16, microBatches: 512, chunks: 8 }, 100],
  ["zb-h1", { stages: 32, microBatches: 256, chunks: 1 }, 400],
  ["zb-v", { stages: 32, microBatches: 256, chunks: 1 }, 400],
  ["v-half", { stages: 64, microBatches: 1024, chunks: 2 }, 500],
  ["zb-2p", { stages: 64, microBatches: 1024, chunks: 1 }, 900],
  ["automatic", { stages: 64, microBatches: 1024, chunks: 2 }, 900]
] as const

for (const [name, options, milliseconds] of generated)
  test(`${name} of ${options.stages} stages is generated in less than ${milliseconds} ms`, async ({ bench }) => {
    const { latency } = await bench(name, () => void schedules[name]?.(options)).run(rounds)
    expect(latency.min).toBeLessThan(milliseconds)
  })
