import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { decodeTrace } from "../../src/trace/index.ts"
import { inFolder, small, windtunnel, write } from "./command-line.ts"

const runSmall = (...more: readonly string[]) =>
  inFolder((folder) => windtunnel("run", write(folder, "small.yaml", small), ...more))

describe("the summary", () => {
  test("says what was run, the answer, where the time goes, and how far to trust it", async () => {
    const { status, stdout } = await runSmall("--set", "training.tokens=1B", "--set", "price.perAcceleratorHour=2")
    expect(status).toBe(0)
    const lines = stdout.split("\n")
    expect(lines.slice(0, 2)).toEqual(["Small", "8 x A100 SXM4 80 GB · TP 2 x PP 2 x DP 2 · 1F1B · bf16"])
    for (const label of ["iteration", "throughput", "utilisation", "memory", "1B tokens", "energy", "cost"])
      expect(stdout).toMatch(new RegExp(`^  ${label} `, "m"))
    expect(stdout).toContain("where an iteration goes")
    expect(stdout).toMatch(/^ {2}compute .* %  #+$/m)
    expect(stdout).toMatch(/^trust /m)
    expect(stdout).toMatch(/^next /m)
  })

  test("fits 80 columns and one screen, without colour where nobody looks", async () => {
    const { stdout } = await runSmall(
      "--set",
      "training.tokens=1B",
      "--set",
      "measured={iterationSeconds: 1, memory: 1 GB}"
    )
    const text = stdout.replace(/^next[^]*/m, "")
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(stdout.split("\n").length).toBeLessThanOrEqual(40)
    expect(stdout).not.toContain("\u001b")
  })

  test("shows a measurement beside the prediction", async () => {
    const { stdout } = await runSmall("--set", "measured.iterationSeconds=1 s")
    expect(stdout).toMatch(/measured 1 s \([-+][\d.]+ %\)/)
  })
})

describe("--json", () => {
  test("prints one versioned document and nothing else", async () => {
    const { status, stdout, stderr } = await runSmall("--json", "--seed", "7")
    expect(status).toBe(0)
    expect(stderr).toBe("")
    const document = JSON.parse(stdout)
    expect(Object.keys(document)).toEqual(["version", "windtunnel", "scenario", "hash", "seed", "result"])
    expect(document.version).toBe(1)
    expect(document.seed).toBe(7)
    expect(document.scenario.seed).toBe(7)
    expect(document.result.iterationSeconds).toBeGreaterThan(0)
  })

  test("is the same twice", async () => {
    const [once, twice] = [await runSmall("--json"), await runSmall("--json")]
    expect(once.stdout).toBe(twice.stdout)
  })

  test("has a breakdown that adds up to the iteration", async () => {
    const { result } = JSON.parse((await runSmall("--json")).stdout)
    const { compute, exposed, bubble, host, optimizer } = result.breakdown
    const sum = (part: Readonly<Record<string, number>>) => Object.values(part).reduce((a, b) => a + b, 0)
    expect(sum(compute) + sum(exposed) + bubble + host + optimizer).toBeCloseTo(result.iterationSeconds, 9)
  })
})

describe("work that the cluster cannot do ends with status 1", () => {
  const large = ["--set", "model=bloom-176b", "--set", "training.recompute=none"]

  test("and says what fills the memory", async () => {
    const { status, stdout, stderr } = await runSmall(...large)
    expect(status).toBe(1)
    expect(stdout).toContain("does not fit")
    expect(stderr).toMatch(/does not fit: stage \d needs [\d.,]+ [GT]B of 80 GB at .* (forward|backward)/)
    expect(stderr).toContain("weights ")
  })

  test("and is still one document with --json", async () => {
    const { status, stdout, stderr } = await runSmall(...large, "--json")
    expect(status).toBe(1)
    expect(stderr).toBe("")
    expect(JSON.parse(stdout).result.memory.fits).toBe(false)
  })

  const refused = ["--set", "training.parallelism.virtualPipeline=2", "--set", "training.globalBatch=6"]

  test("and says which field a schedule refuses", async () => {
    const { status, stderr } = await runSmall(...refused)
    expect(status).toBe(1)
    expect(stderr).toContain("training.schedule")
  })

  test("and gives that refusal as a document with --json", async () => {
    const { status, stdout } = await runSmall(...refused, "--json")
    expect(status).toBe(1)
    const document = JSON.parse(stdout)
    expect(document.result).toBeNull()
    expect(document.refusal.path).toBe("training.schedule")
  })
})

describe("--out", () => {
  test("writes result, scenario and both traces, and no temporary file stays", async () => {
    await inFolder(async (folder) => {
      const out = join(folder, "runs", "small")
      const { status } = await windtunnel("run", write(folder, "small.yaml", small), "--out", out)
      expect(status).toBe(0)
      expect(readdirSync(out).toSorted()).toEqual(["result.json", "scenario.json", "trace.json", "trace.windtunnel"])
      const trace = decodeTrace(new Uint8Array(readFileSync(join(out, "trace.windtunnel"))))
      expect(trace).toHaveProperty("slices")
      expect(JSON.parse(readFileSync(join(out, "trace.json"), "utf8")).traceEvents.length).toBeGreaterThan(10)
    })
  })

  test("writes a scenario that gives the same result again", async () => {
    await inFolder(async (folder) => {
      const out = join(folder, "run")
      await windtunnel("run", write(folder, "small.yaml", small), "--out", out, "--trace", "off", "--seed", "3")
      const { stdout } = await windtunnel("run", join(out, "scenario.json"), "--json")
      expect(JSON.parse(stdout)).toEqual(JSON.parse(readFileSync(join(out, "result.json"), "utf8")))
      expect(readdirSync(out)).not.toContain("trace.json")
    })
  })
})

test("a script may be a scenario", async () => {
  await inFolder(async (folder) => {
    const script = `export default {
      cluster: { system: "dgx-a100", accelerators: 2 },
      model: "bloom-560m",
      training: {
        parallelism: { pipeline: 2 },
        globalBatch: 2,
        schedule: ({ stages }) => Array.from({ length: stages }, () => "F0 B0 F1 B1")
      }
    }\n`
    const { status, stdout } = await windtunnel("run", write(folder, "own.mjs", script))
    expect(status).toBe(0)
    expect(stdout).toContain("own schedule")
  })
})
