import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { inFolder, windtunnel } from "./command-line.ts"

describe("a layout that cannot be comes with the smallest changes that run", () => {
  test("with what they take, and the command of the first", async () => {
    const { status, stdout, stderr } = await windtunnel("run", "bloom-176b", "--set", "training.parallelism.pipeline=5")
    expect(status).toBe(2)
    expect(stdout).toBe("")
    expect(stderr.split("\n").slice(0, 4)).toEqual([
      "--set training.parallelism.pipeline=5",
      "  training.parallelism: tensor 4 x pipeline 5 x context 1 = 20 does not divide the cluster's 384 accelerators",
      "  expected sizes whose product divides the accelerators",
      "the smallest changes that run (each simulated):"
    ])
    expect(stderr).toMatch(/^ {2}pipeline: 12 {35}10\d s {2}5\d\.\d GB of 80 GB$/m)
    expect(stderr).toMatch(/^next {4}windtunnel run bloom-176b --set training\.parallelism\.pipeline=12$/m)
  })

  test("on 8 GPUs 16 tensor ranks are too many: 2, or 4 without a second replica, or 8 nodes", async () => {
    const { stderr } = await windtunnel("run", "small", "--set", "training.parallelism.tensor=16")
    expect(stderr).toMatch(/^ {2}tensor: 2 +\d+ ms {2}\d+\.\d GB of 80 GB$/m)
    expect(stderr).toMatch(/^ {2}tensor: 4, data: 1 +\d+ ms/m)
    expect(stderr).toMatch(/^ {2}nodes: 8 +\d+ ms/m)
  })

  test("in a document with --json, and the command that it names runs", async () => {
    const { status, stdout } = await windtunnel("run", "small", "--set", "training.globalBatch=30", "--json")
    expect(status).toBe(2)
    const [first, second] = JSON.parse(stdout).error.changesThatRun
    expect(first).toMatchObject({ changes: { "training.globalBatch": 32 } })
    expect(second).toMatchObject({ changes: { "training.globalBatch": 24 } })
    const run = await windtunnel("run", "small", "--set", "training.globalBatch=24", "--json")
    expect(JSON.parse(run.stdout).result.iterationSeconds).toBe(second.iterationSeconds)
    expect(JSON.parse(run.stdout).result.memory.fullest.peakBytes).toBe(second.peakBytes)
  })

  test("of a server, with the room of its cache and its pace", async () => {
    const { status, stderr } = await windtunnel("run", "small-server", "--set", "serving.parallelism.pipeline=40")
    expect(status).toBe(2)
    expect(stderr).toMatch(/^ {2}pipeline: 1 {25}KV for 209,152 tokens {3}9\.\d+ ms\/token$/m)
    expect(stderr).toMatch(/^next {4}windtunnel run small-server --set serving\.parallelism\.pipeline=1$/m)
  })

  test("and none where the name of the model means nothing", async () => {
    const { status, stderr } = await windtunnel("run", "small", "--set", "model=zzzz")
    expect(status).toBe(2)
    expect(stderr).not.toContain("changes")
    expect(stderr).not.toContain("did you mean")
  })
})

describe("--memory", () => {
  test("tells what is alive on the fullest rank at its peak, in 80 columns", async () => {
    const { status, stdout } = await windtunnel("run", "bloom-176b", "--memory")
    expect(status).toBe(0)
    const table = stdout.slice(stdout.indexOf("\nmemory  rank"))
    expect(table).toMatch(/^memory {2}rank 0 \(stage 0\) holds 5\d\.\d GB of 80 GB at its peak, [\d.]+ s, during/m)
    expect(table).toMatch(/^ +20\.7 GB +3\d % {2}gradients of layers 0 to 4 +start +end$/m)
    expect(table).toMatch(/^ +[\d.]+ GB +\d+ % {2}activations of micro-batches 0 to 11 +0 s +[\d.]+ s$/m)
    expect(table).toMatch(/12\s+micro-batches\s+in\s+flight/)
    expect(table.split("\n").filter((line) => line.length > 80)).toEqual([])
  })

  test("of a rank or of a stage, and of none that there is not", async () => {
    const of = async (which: string) => (await windtunnel("run", "small", "--memory", which)).stdout
    expect(await of("stage:1")).toContain("memory  rank 4 (stage 1) holds")
    expect(await of("7")).toContain("memory  rank 4 (stage 1) holds")
    const { status, stderr } = await windtunnel("run", "small", "--memory", "8")
    expect(status).toBe(2)
    expect(stderr).toContain("expected fullest, a rank from 0 to 7, or stage:0 to stage:1")
  })

  test("keeps every allocation, and the peak in the result", async () => {
    await inFolder(async (folder) => {
      await windtunnel("run", "small", "--memory", "--out", folder)
      const { result, memorySnapshot } = JSON.parse(readFileSync(join(folder, "result.json"), "utf8"))
      expect(memorySnapshot.peakBytes).toBeCloseTo(result.memory.fullest.peakBytes, 0)
      const [head, ...rows] = readFileSync(join(folder, "memory.csv"), "utf8").trim().split("\n")
      expect(head).toBe("kind,name,bytes,allocated_s,allocated_by,freed_s,freed_by,alive_at_peak")
      const alive = rows.map((row) => row.split(",")).filter((fields) => fields.at(-1) === "1")
      expect(alive.reduce((sum, fields) => sum + Number(fields[2]), 0)).toBeCloseTo(memorySnapshot.peakBytes, 0)
      // Four micro-batches, each allocated by its forward and freed by its backward pass.
      expect(rows.filter((row) => row.startsWith("activations,"))).toHaveLength(4)
      expect(rows).toContainEqual(
        expect.stringMatching(
          /^activations,activations of micro-batch 3,[\d.]+,[\d.]+,forward of micro-batch 3 begins,[\d.]+,backward of micro-batch 3 ends,0$/
        )
      )
    })
  })

  test("of a server: what is set aside, and the cache in use over time", async () => {
    await inFolder(async (folder) => {
      const { stdout } = await windtunnel("run", "small-server", "--memory", "--out", folder, "--trace", "off")
      expect(stdout).toMatch(/^ +20\.6 GB +90\.\d % {2}13072 blocks of 16 tokens$/m)
      expect(stdout).toMatch(/^ +1\.12 GB +4\.9 % {2}weights in fp16$/m)
      const { memory, result } = JSON.parse(readFileSync(join(folder, "result.json"), "utf8"))
      expect(memory.peak.bytes / (13_072 * 16)).toBeCloseTo(
        (result.load.peakKeyValueShare * memory.parts[0].bytes) / (13_072 * 16),
        6
      )
      const [head, ...rows] = readFileSync(join(folder, "memory.csv"), "utf8").trim().split("\n")
      expect(head).toBe("seconds,weights,activations,overhead,kv_cache,kv_in_use")
      const inUse = rows.map((row) => Number(row.split(",").at(-1)))
      expect(Math.max(...inUse)).toBeLessThanOrEqual(memory.peak.bytes)
      expect(Math.max(...inUse)).toBeGreaterThan(0.95 * memory.peak.bytes)
    })
  })
})

test("a number that may be in another unit is asked about", async () => {
  const { status, stderr } = await windtunnel("run", "small-server", "--set", "workload.slo.ttft=5000000")
  expect(status).toBe(2)
  expect(stderr).toContain("expected a time from 1 us to 24 h")
  expect(stderr).toContain("a number without a unit is seconds")
})

test("a log that is not there is what is missing, not its description", async () => {
  const { status, stderr } = await windtunnel("validate", "--log", "nope.jsonl")
  expect(status).toBe(2)
  expect(stderr).toContain("nope.jsonl\n  cannot read the log: no such file")
})

test("a file in place of a folder is called that", async () => {
  const { stderr } = await windtunnel("validate", "--measurements", "package.json/x.json")
  expect(stderr).toContain("a folder of its path is a file")
})
