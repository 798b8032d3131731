import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { invocation } from "../../src/cli/next-steps.ts"
import { formatSeconds4 } from "../../src/cli/seconds.ts"
import { shortName } from "../../src/cli/shipped.ts"
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
    expect(stdout).toMatch(
      /iteration +[\d.]{5} m?s\n +90 % interval [\d.]+ m?s to [\d.]+ m?s\n +measured 1\.000 s \([-+][\d.]+ %\)/
    )
  })
})

describe("what was measured", () => {
  const measured = `${small}measured: { iterationSeconds: 500 ms, tflopsPerAccelerator: 100, memory: 10 GB }\n`
  const runMeasured = (...more: readonly string[]) =>
    inFolder((folder) => windtunnel("run", write(folder, "small.yaml", measured), ...more))

  test("stands beside the prediction, and stays where nothing that it depends on is set", async () => {
    const { stdout } = await runMeasured("--set", "price.perAcceleratorHour=2")
    expect(stdout).toMatch(/measured 500\.0 ms \(/)
    expect(stdout).toMatch(/measured 100 TFLOP\/s \(/)
    expect(stdout).toMatch(/measured 10 GB \(/)
  })

  test("is marked once --set changes the training, and is no part of the result then", async () => {
    const { stdout } = await runMeasured("--set", "training.microBatch=2")
    expect(stdout).toContain("500.0 ms was measured for the unchanged scenario\n")
    expect(stdout).not.toContain(" measured 500")
    const { scenario } = JSON.parse((await runMeasured("--set", "training.microBatch=2", "--json")).stdout)
    expect(scenario).not.toHaveProperty("measured")
  })

  test("is of the changed scenario where it is set as well", async () => {
    const { stdout } = await runMeasured("--set", "training.microBatch=2", "--set", "measured.memory=11 GB")
    expect(stdout).toMatch(/measured 11 GB \(/)
    expect(stdout).toContain("500.0 ms was measured for the unchanged scenario\n")
  })
})

describe("what to do next", () => {
  const nextOf = ({ stdout }: { readonly stdout: string }): readonly string[] =>
    stdout
      .slice(stdout.indexOf("\nnext "))
      .split("\n")
      .map((line) => line.slice(8))
      .filter((line) => line !== "")

  test("is what was not done yet", async () => {
    expect(nextOf(await windtunnel("run", "small"))).toEqual([
      "windtunnel run small --out runs/small",
      "windtunnel run small --set training.microBatch=8"
    ])
  })

  test("keeps what is set and quotes it, and sets nothing twice", async () => {
    const set = ["--set", "training.microBatch=8", "--set", "name=my own", "--seed", "3"]
    expect(nextOf(await windtunnel("run", "small", ...set))).toEqual([
      "windtunnel run small --set training.microBatch=8 --set 'name=my own' --seed 3 --out runs/small",
      "windtunnel run small --set training.microBatch=8 --set 'name=my own' --set training.recompute=full --seed 3"
    ])
  })

  test("can be run", async () => {
    const [, change = ""] = nextOf(await windtunnel("run", "small"))
    const { status } = await windtunnel(...change.split(" ").slice(1))
    expect(status).toBe(0)
  })

  test("goes by the name of a shipped scenario, and by npm where npm started it", () => {
    expect(invocation({ npm_lifecycle_event: "start", npm_package_name: "windtunnel-sim" })).toBe(
      "npm run -s windtunnel --"
    )
    expect(invocation({ npm_lifecycle_event: "npx" })).toBe("npx windtunnel")
    expect(invocation({ npm_lifecycle_event: "start", npm_package_name: "mine" })).toBe("windtunnel")
    expect(shortName("scenarios/bloom-study/heads-64.yaml")).toBe("bloom-study/heads-64")
    expect(shortName("test/nothing.yaml")).toBe("test/nothing.yaml")
  })
})

test("a run's carbon is in tonnes", async () => {
  const { stdout } = await runSmall("--set", "training.tokens=20000B", "--set", "price.gramsPerKilowattHour=100")
  expect(stdout).toMatch(/ · [\d.]+ tonnes CO2e$/m)
})

test("seconds beside a measurement have four figures", () => {
  expect([0.48971, 1, 104.45, 105.2, 999.96, 3599].map(formatSeconds4)).toEqual([
    "489.7 ms",
    "1.000 s",
    "104.5 s",
    "105.2 s",
    "1,000 s",
    "3,599 s"
  ])
  expect([2.6e-5, 7200].map(formatSeconds4)).toEqual(["26 us", "2 h"])
})

describe("--json", () => {
  test("prints one versioned document and nothing else", async () => {
    const { status, stdout, stderr } = await runSmall("--json", "--seed", "7")
    expect(status).toBe(0)
    expect(stderr).toBe("")
    const document = JSON.parse(stdout)
    expect(Object.keys(document)).toEqual(["version", "windtunnel", "scenario", "hash", "seed", "result", "intervals"])
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
    expect(stderr).toMatch(/does not fit: rank \d \(stage \d\) needs [\d.,]+ [GT]B of 80 GB at .* (forward|backward)/)
    expect(stderr).toContain("weights ")
    // Eight times the accelerators, twice the cuts, recomputed and sharded: found by changing several fields at once.
    expect(stderr).toMatch(/the smallest changes that fit \(each simulated\):\n {4}\S[^]*accelerators: 64[^]* GB/)
    expect(stderr.split("\n").filter((line) => line.length > 80)).toEqual([])
  })

  test("and says so where nothing helps: no network, no more accelerators", async () => {
    const alone = ["--set", "cluster={accelerator: a100-sxm-80gb, accelerators: 8}"]
    const { status, stderr } = await runSmall(...large, ...alone)
    expect(status).toBe(1)
    expect(stderr).toContain("it takes more accelerators or a smaller model")
  })

  test("and is still one document with --json", async () => {
    const { status, stdout, stderr } = await runSmall(...large, "--json")
    expect(status).toBe(1)
    expect(stderr).toBe("")
    expect(JSON.parse(stdout).result.memory.fits).toBe(false)
    const ways: readonly { readonly peakBytes: number }[] = JSON.parse(stdout).changesThatFit
    expect(ways.length).toBeGreaterThan(0)
    for (const { peakBytes } of ways) expect(peakBytes).toBeLessThanOrEqual(80e9)
  })

  test("and names the first rank of the stage, and the smallest changes that fit, fastest first", async () => {
    const { status, stdout, stderr } = await windtunnel("run", "bloom-176b", "--set", "training.recompute=none")
    expect(status).toBe(1)
    // Stage 1 starts after the 4 x 8 ranks of stage 0.
    expect(stderr).toMatch(/^does not fit: rank 32 \(stage 1\) needs 1\d\d GB of 80 GB at [\d.]+ s, forward of/m)
    expect(stderr).toMatch(/^ {2}activations \d+ GB · gradients/m)
    expect(stderr).toMatch(/the smallest changes that fit \(each simulated\):\n {4}recompute: full +5\d\.\d GB {2}\+\d/)
    expect(stdout).toMatch(/^next {4}windtunnel run bloom-176b --set training.recompute=full$/m)
    expect(stdout).toMatch(/^ {8}windtunnel plan bloom-176b --set training.recompute=none$/m)
    const json = JSON.parse(
      (await windtunnel("run", "bloom-176b", "--set", "training.recompute=none", "--json")).stdout
    )
    expect(json.changesThatFit[0].changes).toEqual({ "training.recompute": "full" })
    expect(json.changesThatFit[0].peakBytes).toBeLessThan(80e9)
  })
})

describe("a schedule that the simulator refuses is wrong input and ends with status 2", () => {
  const refused = ["--set", "training.parallelism.virtualPipeline=2", "--set", "training.globalBatch=6"]

  test("with the place in the file", async () => {
    const { status, stdout, stderr } = await runSmall(...refused)
    expect(status).toBe(2)
    expect(stdout).toBe("")
    expect(stderr).toMatch(/small.yaml:6:1\n {2}training.schedule: given .*\n {2}expected /)
  })

  test("and with --json as a document of the error", async () => {
    const { status, stdout } = await runSmall(...refused, "--json")
    expect(status).toBe(2)
    const { error } = JSON.parse(stdout)
    expect(error.kind).toBe("wrong input")
    expect(error.issues).toMatchObject([{ line: 6, column: 1, path: "training.schedule" }])
    expect(error.message).toContain("training.schedule")
  })

  test("operations that wait for each other in a circle too", async () => {
    const set = 'training.schedule={ operations: ["B0 F0 F1 B1 F2 B2 F3 B3", "F0 B0 F1 B1 F2 B2 F3 B3"] }'
    const { status, stderr } = await runSmall("--set", set)
    expect(status).toBe(2)
    expect(stderr).toContain(`--set ${set}\n  training.schedule`)
  })
})

describe("--out", () => {
  test("writes result, scenario and both traces, and no temporary file stays", async () => {
    await inFolder(async (folder) => {
      const out = join(folder, "runs", "small")
      const { status } = await windtunnel("run", write(folder, "small.yaml", small), "--out", out)
      expect(status).toBe(0)
      expect(readdirSync(out).toSorted()).toEqual([
        "result.json",
        "scenario.json",
        "timeline.html",
        "trace.json",
        "trace.windtunnel"
      ])
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
