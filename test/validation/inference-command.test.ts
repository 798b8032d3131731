import { gzipSync } from "node:zlib"
import { describe, expect, test } from "vitest"
import { shippedKernelProfile, shippedRequestLog } from "../../src/validation/index.ts"
import { inFolder, windtunnel, write } from "../cli/command-line.ts"
import { bloomScript, changedScript } from "./inference-points.ts"
import { bloom } from "./points.ts"

describe("windtunnel validate", () => {
  test("takes a file of training and inference, and gives a row a metric or the reason why not", async () => {
    await inFolder(async (folder) => {
      const points = [bloom, bloomScript, changedScript({ id: "odd", workload: [] })]
      const file = write(folder, "mixed.json", JSON.stringify(points))
      const { status, stdout } = await windtunnel("validate", "--json", "--measurements", file)
      expect(status).toBe(0)
      const report = JSON.parse(stdout)
      expect(Object.keys(report)).toEqual(["points", "summary"])
      const rows = report.points.map((row: Record<string, unknown>) => [row.id, row.metric])
      expect(rows).toEqual([
        ["bloom176b-prod-it12695", "secondsPerIteration"],
        ["bloom_8xA100_accelerate_bf16_bs1", "ms_per_token"],
        ["bloom_8xA100_accelerate_bf16_bs1", "step_ms"],
        ["bloom_8xA100_accelerate_bf16_bs1", "e2e_ms"],
        ["odd", null]
      ])
      const step = report.points[1]
      expect(step).toMatchObject({ measured: 230.38, trust: 1, stack: "accelerate", accelerator: "a100-sxm-80gb" })
      expect(step.error).toBeCloseTo(step.predicted / 230.38 - 1, 12)
      expect(Math.abs(step.error)).toBeLessThan(0.1)
      expect(report.points[4]).toMatchObject({ predicted: null, reason: expect.stringContaining("workload") })
      expect(report.summary.serving.all).toMatchObject({ points: 2, covered: 1 })
    })
  })

  test("prints serving alone where nothing else was measured, at most 80 columns wide", async () => {
    await inFolder(async (folder) => {
      const file = write(folder, "mine.json", JSON.stringify([bloomScript]))
      const { stdout } = await windtunnel("validate", "--measurements", file)
      expect(stdout).toMatch(/bloom_8xA100_accelerate_bf16_bs1 ms_per_token\n\s+230 ms/)
      expect(stdout).toContain("hf-bloom-scripts ms_per_token")
      expect(stdout).not.toContain("peak memory")
      const wide = stdout.split("\n").filter((line) => line.length > 80)
      expect(wide).toEqual([])
    })
  })

  test("replays a log with the description beside it and the kernels of its machine, compressed or not", async () => {
    const log = await shippedRequestLog()
    const { prefix, files } = await shippedKernelProfile()
    await inFolder(async (folder) => {
      const rows = log.arrival.slice(0, 20).map((arrival, index) =>
        JSON.stringify({
          input_toks: log.prompt[index],
          output_toks: log.output[index],
          arrival_time: arrival,
          first_token_ts: log.firstToken[index],
          last_token_ts: log.lastToken[index]
        })
      )
      const file = write(folder, "rtx_requests.jsonl", rows.join("\n"))
      write(folder, "rtx_meta.json", JSON.stringify(log.meta))
      for (const { name, text } of files) write(folder, `${name}.gz`, gzipSync(text))
      const { status, stdout } = await windtunnel(
        "validate",
        "--json",
        "--log",
        file,
        "--profile",
        `${folder}/${prefix}`
      )
      expect(status).toBe(0)
      const report = JSON.parse(stdout)
      const ids = new Set(report.points.map(({ id }: { readonly id: string }) => id))
      expect([...ids]).toEqual(["rtx", "rtx with measured kernels"])
      for (const point of report.points) expect(point.predicted, `${point.id} ${point.metric}`).toBeGreaterThan(0)
    })
  })

  test("names the line of a log that it cannot read, and exits with 2", async () => {
    await inFolder(async (folder) => {
      const log = await shippedRequestLog()
      const file = write(folder, "mine.jsonl", '{"input_toks": -1}\n')
      const meta = write(folder, "meta.json", JSON.stringify(log.meta))
      const { status, stderr } = await windtunnel("validate", "--log", file, "--log-meta", meta)
      expect(status).toBe(2)
      expect(stderr).toContain("mine.jsonl:1")
      const missing = await windtunnel("validate", "--log", file)
      expect(missing.status).toBe(2)
      expect(missing.stderr).toContain("mine_meta.json")
    })
  })
})
