import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { inFolder, small, windtunnel, write } from "./command-line.ts"

const secondsOf = async (...args: readonly string[]): Promise<number> =>
  JSON.parse((await windtunnel("run", ...args, "--json")).stdout).result.iterationSeconds

const server = `cluster: { accelerator: h100-sxm, accelerators: 1 }
model: llama-3.1-8b
serving: { stack: vllm-v1 }
workload: { arrivals: { closedLoop: { users: 8 } }, prompt: 512, output: 64, requests: 64 }
`

describe("calibrate --measurements mine.csv", () => {
  test("writes a profile that a scenario and a run name, with both errors apart", async () => {
    await inFolder(async (folder) => {
      const file = write(folder, "small.yaml", small)
      const raw = await secondsOf(file)
      const [mine, profile] = [join(folder, "mine.csv"), join(folder, "my.profile.json")]
      write(folder, "mine.csv", `scenario,set,metric,value\nsmall.yaml,,iterationSeconds,${1.15 * raw}\n`)
      const { status, stdout, stderr } = await windtunnel("calibrate", "--measurements", mine, "--out", profile)
      expect({ status, stderr }).toEqual({ status: 0, stderr: `wrote ${profile}\n` })
      expect(stdout).toMatch(/^a100-sxm-80gb, .*, megatron-deepspeed: 1 measured number of training$/m)
      expect(stdout).toMatch(/raw [\d.]+ \(-13\.0 %\), calibrated [\d.]+ \(-?\d\.\d %\)/)
      expect(stdout).toMatch(/90 % interval before [\d.]+\.\.[\d.]+, after [\d.]+\.\.[\d.]+/)
      const kept = JSON.parse(readFileSync(profile, "utf8"))
      expect(kept).toMatchObject({ windtunnelProfile: 1, name: "my.profile.json", of: { kind: "training" } })
      expect(kept.errors.rawMedian).toBeCloseTo(1 - 1 / 1.15, 6)
      expect(kept.errors.calibratedMedian).toBeLessThan(0.03)
      const named = write(folder, "named.yaml", `${small}calibration: my.profile.json\n`)
      const calibrated = await secondsOf(named)
      expect(calibrated).toBeCloseTo(kept.measurements[0].calibrated, 9)
      expect(await secondsOf(file, "--profile", profile)).toBe(calibrated)
      const run = await windtunnel("run", named, "--out", join(folder, "kept"), "--trace", "off")
      expect(run.stdout).toMatch(/constants that mattered: 1 calibrated here/)
      // What is kept holds the profile: it runs where the file is not.
      const elsewhere = write(folder, "elsewhere.json", readFileSync(join(folder, "kept", "scenario.json"), "utf8"))
      expect(await secondsOf(elsewhere)).toBe(calibrated)
    })
  })

  test("replays a log of requests on the server of a scenario", async () => {
    await inFolder(async (folder) => {
      write(folder, "server.yaml", server)
      // Ten requests by themselves: the first token after 60 ms, then one every 8 ms.
      const rows = Array.from({ length: 10 }, (_, index) => ({
        input_toks: 512,
        output_toks: 51,
        arrival_time: 2 * index,
        first_token_ts: 2 * index + 0.06,
        last_token_ts: 2 * index + 0.06 + 50 * 0.008
      }))
      write(folder, "requests.jsonl", rows.map((row) => JSON.stringify(row)).join("\n"))
      const mine = write(folder, "mine.csv", "scenario,set,metric,value\nserver.yaml,,log,requests.jsonl\n")
      const { status, stdout } = await windtunnel("calibrate", "--measurements", mine, "--json")
      expect(status).toBe(0)
      const { measurements, factors, errors, of } = JSON.parse(stdout)
      expect(of).toMatchObject({ kind: "serving", accelerator: "h100-sxm" })
      const tpot = measurements.find(({ name }: { readonly name: string }) => name.endsWith("mean_tpot_ms"))
      expect(tpot.measured).toBeCloseTo(8, 6)
      expect(Math.abs(tpot.calibratedError)).toBeLessThan(Math.abs(tpot.rawError))
      expect(Object.keys(factors).length).toBeGreaterThan(0)
      expect(errors.calibratedMedian).toBeLessThan(errors.rawMedian)
    })
  })

  test.each([
    ["metric,value\n", /mine\.csv:1\n {2}given "metric,value"\n {2}expected a header/],
    ["scenario,metric,value\nnone.yaml,iterationSeconds,1\n", /there is no file "none\.yaml"/],
    [
      "scenario,metric,value\nsmall.yaml,collectives,none.txt\n",
      /mine\.csv:2\n {2}given none\.txt\n {2}expected a file: no such file/
    ],
    ["scenario,metric,value\nsmall.yaml,collectives,small.yaml\n", /small\.yaml:\d+\n {2}given/],
    ["scenario,metric,value\nsmall.yaml,kernels,small.yaml\n", /small\.yaml:1\n {2}given/],
    ["scenario,metric,value\nserver.yaml,bench,small.yaml\n", /expected the JSON of vllm bench serve/],
    ["scenario,metric,value\nserver.yaml,log,small.yaml\n", /small\.yaml:1\n {2}not JSON/],
    ["scenario,metric,value\nserver.yaml,iterationSeconds,1\n", /cannot be predicted: iterationSeconds is of training/],
    [
      "scenario,metric,value\nsmall.yaml,iterationSeconds,1\nserver.yaml,iterationSeconds,1\n",
      /mine\.csv:3\n {2}given kind: serving\n {2}expected measurements of one kind/
    ]
  ])("%j is refused", async (table, said) => {
    await inFolder(async (folder) => {
      write(folder, "small.yaml", small)
      write(folder, "server.yaml", server)
      const { status, stderr } = await windtunnel("calibrate", "--measurements", write(folder, "mine.csv", table))
      expect(stderr).toMatch(said)
      expect(status).toBe(2)
    })
  })

  test("a table beside other measurements, a missing one and a profile that is none are refused", async () => {
    await inFolder(async (folder) => {
      const mine = write(folder, "mine.csv", "scenario,metric,value\nsmall,iterationSeconds,1\n")
      const beside = await windtunnel("calibrate", "--measurements", mine, "--measurements", "other.json")
      expect(beside).toMatchObject({ status: 2, stderr: expect.stringMatching(/calibrates one machine/) })
      const missing = await windtunnel("calibrate", "--measurements", join(folder, "none.csv"))
      expect(missing).toMatchObject({ status: 2, stderr: expect.stringMatching(/none\.csv\n {2}no such file/) })
      const none = await windtunnel("run", "small", "--profile", mine)
      expect(none).toMatchObject({ status: 2, stderr: expect.stringMatching(/calibration: .*mine\.csv is no JSON/) })
    })
  })
})
