/** The output of nccl-tests read, and taken in place of NCCL's model. */
import { describe, expect, test } from "vitest"
import { parseNcclTests, planCollective, type Fabric, type MeasuredCollective } from "../../src/cluster/index.ts"
import { loadScenario, resolveTraining, scenarioFromData } from "../../src/scenario/index.ts"
import { randomStream } from "../../src/random/index.ts"

/** Eight ranks of one node, as nccl-tests 2.17 prints them; times are made up. */
const output = `# nccl-tests version 2.17.6 nccl-headers=22602 nccl-library=22602
# Collective test starting: all_reduce_perf
# nThread 1 nGpus 8 minBytes 0 maxBytes 67108864 step: 8(factor) warmup iters: 1 iters: 20 agg iters: 1 validation: 1 graph: 0
#
# Using devices
${Array.from({ length: 8 }, (_, rank) => `#  Rank  ${rank} Group  0 Pid  52 on    node-1 device  ${rank} [0000:0${rank}:00] NVIDIA A100-SXM4-80GB`).join("\n")}
#
#                                                              out-of-place                       in-place
#       size         count      type   redop    root     time   algbw   busbw  #wrong     time   algbw   busbw  #wrong
#        (B)    (elements)                               (us)  (GB/s)  (GB/s)             (us)  (GB/s)  (GB/s)
           0             0     float     sum      -1    20.00    0.00    0.00       0    20.00    0.00    0.00       0
     1048576        262144     float     sum      -1   110.00    9.53   16.68       0   100.00   10.49   18.35       0
     8388608       2097152     float     sum      -1   210.00   39.95   69.91       0   200.00   41.94   73.40       0
    67108864      16777216     float     sum      -1  1610.00   41.68   72.95       0  1600.00   41.94   73.40       0
# Out of bounds values : 0 OK
# Avg bus bandwidth    : 38.2
`

const read = (text: string, name = "out.txt"): MeasuredCollective => {
  const table = parseNcclTests(name, text)
  if ("_tag" in table) throw new Error(`${table.line}: ${table.expected}`)
  return table
}

describe("nccl-tests' output", () => {
  test("is sizes and seconds in place, of ranks on nodes", () => {
    const { kind, ranks, nodes, bytes, seconds } = read(output)
    expect({ kind, ranks, nodes, bytes: [...bytes] }).toEqual({
      kind: "allReduce",
      ranks: 8,
      nodes: 1,
      bytes: [1_048_576, 8_388_608, 67_108_864]
    })
    ;[100e-6, 200e-6, 1600e-6].forEach((time, row) => expect(seconds[row]).toBeCloseTo(time, 12))
  })

  test("under mpirun, on two nodes, of another program, only out of place", () => {
    const text = output
      .replace("all_reduce_perf", "alltoall_perf")
      .replaceAll(/device {2}([4-7])/g, "device  $1 of another")
      .replaceAll(/on {4}node-1 (?=.*of another)/g, "on    node-2 ")
      .replaceAll(/0 +[\d.]+ +[\d.]+ +[\d.]+ +0$/gm, "0      N/A     N/A     N/A     N/A")
      .split("\n")
      .map((line) => `[1,0]<stdout>:${line}`)
      .join("\n")
    const { kind, ranks, nodes, seconds } = read(text)
    expect({ kind, ranks, nodes }).toEqual({ kind: "allToAll", ranks: 8, nodes: 2 })
    expect(seconds[0]).toBeCloseTo(110e-6, 12)
  })

  test("without a list of ranks tells their number by its two bandwidths, and the program by its file's name", () => {
    const rows = output
      .split("\n")
      .filter((line) => !line.startsWith("#"))
      .join("\n")
    expect(read(rows)).toMatchObject({ kind: "allReduce", ranks: 8, nodes: undefined })
    const gathered = rows
      .replaceAll("sum", "none")
      .replaceAll("  18.35", "   9.18")
      .replaceAll("  73.40", "  36.70")
      .replaceAll("  72.95", "  36.47")
    expect(parseNcclTests("x.txt", gathered)).toMatchObject({
      _tag: "CollectiveTableError",
      expected: expect.stringContaining("name the file after its program")
    })
    expect(
      read(gathered.replaceAll("16.68", "8.34").replaceAll("69.91", "34.96"), "runs/all_gather_perf.log")
    ).toMatchObject({ kind: "allGather", ranks: 8 })
  })

  test.each([
    ["nothing", "", 1],
    ["no rows", output.replaceAll(/^ +\d.*\n/gm, ""), 1],
    ["a row cut off", output.replace(/(8388608 .*?210\.00).*/, "$1"), 20],
    ["a time of zero", output.replace("110.00", "  0.00").replace("100.00", "  0.00"), 19],
    [
      "one rank",
      output
        .replaceAll(/^# {2}Rank {2}[1-7].*\n/gm, "")
        .replace("nGpus 8", "nGpus 1")
        .replaceAll(/([\d.]+) +[\d.]+( +0 |\s+0$)/gm, "$1 0.00$2"),
      1
    ]
  ])("with %s is refused with its line", (_, text, line) => {
    expect(parseNcclTests("all_reduce_perf.txt", text)).toMatchObject({ _tag: "CollectiveTableError", line })
  })

  test("cut or changed by lot is read or refused", () => {
    const draw = randomStream(3, "nccl")
    for (let round = 0; round < 500; round++) {
      const at = Math.floor(draw() * output.length)
      const text =
        draw() < 0.5
          ? output.slice(0, at)
          : `${output.slice(0, at)}${"x -9\n1e99"[Math.floor(draw() * 9)] ?? ""}${output.slice(at + 3)}`
      const table = parseNcclTests("a", text)
      expect("_tag" in table || table.seconds.every((time) => time > 0), text).toBe(true)
    }
  })
})

const training = (cluster: object, readText?: (path: string) => { text: string } | { failure: string }) => {
  const loaded = scenarioFromData({
    name: "x",
    data: {
      cluster: { system: "dgx-a100", nodes: 2, ...cluster },
      model: "gpt2",
      training: { globalBatch: 16, parallelism: { tensor: 4 } }
    },
    ...(readText === undefined ? {} : { readText })
  })
  if (loaded._tag === "Refused") return loaded
  return resolveTraining(loaded, readText === undefined ? {} : { readText })
}

const fabricOf = (cluster: object): Fabric => {
  const resolved = training(cluster)
  if (resolved._tag === "Refused") throw new Error(resolved.issues[0]?.problem)
  return resolved.job.fabric
}

describe("measured collectives", () => {
  const plain = fabricOf({})
  const measured = fabricOf({ measuredCollectives: [{ table: output }] })
  const node = { ranks: 8, perDomain: 8, domains: 1 }
  const seconds = (fabric: Fabric, bytes: number, group = node): number =>
    planCollective(fabric, "allReduce", bytes, group).seconds

  test("hold at the sizes that were measured, and in log-log between them", () => {
    expect(seconds(measured, 1_048_576)).toBeCloseTo(100e-6, 12)
    expect(seconds(measured, 67_108_864)).toBeCloseTo(1600e-6, 12)
    // Half of the way in doublings from 100 to 200 us.
    expect(seconds(measured, 1_048_576 * 2 ** 1.5)).toBeCloseTo(100e-6 * Math.SQRT2, 12)
  })

  test("beyond them fade to the law within two doublings", () => {
    const ratio = 1600e-6 / seconds(plain, 67_108_864)
    expect(seconds(measured, 2 * 67_108_864) / seconds(plain, 2 * 67_108_864)).toBeCloseTo(Math.sqrt(ratio), 9)
    expect(seconds(measured, 4 * 67_108_864)).toBe(seconds(plain, 4 * 67_108_864))
    expect(seconds(measured, 1024)).toBe(seconds(plain, 1024))
  })

  test("leave other groups and collectives alone", () => {
    const pair = { ranks: 2, perDomain: 2, domains: 1 }
    const both = { ranks: 16, perDomain: 8, domains: 2 }
    expect(seconds(measured, 1e6, pair)).toBe(seconds(plain, 1e6, pair))
    expect(seconds(measured, 1e6, both)).toBe(seconds(plain, 1e6, both))
    expect(planCollective(measured, "allGather", 1e6, node)).toEqual(planCollective(plain, "allGather", 1e6, node))
  })

  test("keep a plan consistent: latency and bytes over rate are its seconds", () => {
    const plan = planCollective(measured, "allReduce", 3e7, node)
    expect(plan.latencySeconds + plan.scaleUpBytes / plan.scaleUpRate).toBeCloseTo(plan.seconds, 12)
  })

  test("are read from files beside the scenario, kept in place, and told as evidence", () => {
    const readText = (path: string) => (path === "runs/nccl.txt" ? { text: output } : { failure: "no such file" })
    const file =
      "cluster: { system: dgx-a100, nodes: 2, measuredCollectives: [nccl.txt] }\nmodel: gpt2\ntraining: { globalBatch: 16 }\n"
    const loaded = loadScenario({
      file: "runs/mine.yaml",
      readText: (path) => (path.endsWith("yaml") ? { text: file } : readText(path))
    })
    if (loaded._tag === "Refused") throw new Error(loaded.issues[0]?.problem)
    const resolved = resolveTraining(loaded, { readText })
    if (resolved._tag === "Refused") throw new Error(resolved.issues[0]?.problem)
    expect(resolved.scenario.cluster.measuredCollectives).toEqual([{ name: "nccl.txt", table: output }])
    expect(resolved.job.evidence).toContainEqual({
      name: "allReduce of 8 ranks, sizes measured",
      constant: { value: 3, origin: "measured", source: "runs/nccl.txt" }
    })
  })

  test("that cannot be read are refused at their place", () => {
    expect(training({ measuredCollectives: ["gone.txt"] })).toMatchObject({
      issues: [{ path: "cluster.measuredCollectives.0", problem: 'cannot read "gone.txt": there are no files here' }]
    })
    expect(training({ measuredCollectives: [{ table: "hello" }] })).toMatchObject({
      issues: [{ path: "cluster.measuredCollectives.0" }]
    })
  })
})
