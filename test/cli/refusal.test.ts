import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs"
import { createServer, type AddressInfo } from "node:net"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { inFolder, small, windtunnel, write } from "./command-line.ts"

describe("wrong input ends with status 2, says where and what, and writes nothing", () => {
  const binary = Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 0xff])
  const rows: readonly (readonly [name: string, content: string | Uint8Array, said: readonly string[]])[] = [
    [
      "an unknown name",
      small.replace("dgx-a100", "dgx-a10O"),
      [":3:11", "cluster.system", '"dgx-a10O"', "windtunnel catalog systems", "dgx-a100"]
    ],
    [
      "an impossible layout",
      small.replace("tensor: 2", "tensor: 5"),
      [":7:26", "training.parallelism.tensor", "5", "a divisor of 16", "4, 8"]
    ],
    [
      "a wrong unit",
      small.replace("2048", "2048 GB"),
      [":10:19", "training.sequenceLength", '"2048 GB"', "a whole number from 1"]
    ],
    [
      "a wrong type",
      small.replace("accelerators: 8", "accelerators: { a: 1 }"),
      [":4:17", "cluster.accelerators", '{"a":1}', "a whole number from 1"]
    ],
    ["a cut file", small.slice(0, small.indexOf("data: 2")), [":7:", "not valid YAML or JSON"]],
    ["a binary file", binary, ["not text", "a scenario in YAML or JSON"]],
    ["not a number", small.replace("microBatch: 1", "microBatch: .nan"), [":8:15", "training.microBatch", "NaN"]],
    ["a negative number", small.replace("microBatch: 1", "microBatch: -1"), [":8:15", "training.microBatch", "-1"]],
    ["1e300", small.replace("globalBatch: 8", "globalBatch: 1e300"), [":9:16", "training.globalBatch", "1e+300", "1B"]],
    [
      "a huge count",
      small.replace("accelerators: 8", "accelerators: 9007199254740993"),
      [":4:17", "cluster.accelerators", "1M"]
    ],
    ["an empty file", "", ["empty", "a scenario in YAML or JSON"]],
    ["a circle of files", "extends: scenario.yaml\n", [":1:10", "extends", "circle"]]
  ]

  test.each(rows)("%s", async (_name, content, said) => {
    await inFolder(async (folder) => {
      const file = write(folder, "scenario.yaml", content)
      const out = join(folder, "runs", "new")
      const { status, stdout, stderr } = await windtunnel("run", file, "--out", out)
      expect(status).toBe(2)
      expect(stdout).toBe("")
      expect(stderr.startsWith(file)).toBe(true)
      for (const words of said) expect(stderr).toContain(words)
      expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m)
      expect(existsSync(join(folder, "runs"))).toBe(false)
    })
  })

  test("and leaves an earlier run as it was", async () => {
    await inFolder(async (folder) => {
      const out = join(folder, "run")
      mkdirSync(out)
      write(out, "result.json", "earlier")
      const file = write(folder, "scenario.yaml", small.replace("tensor: 2", "tensor: 5"))
      expect((await windtunnel("run", file, "--out", out)).status).toBe(2)
      expect(readdirSync(out)).toEqual(["result.json"])
      expect(readFileSync(join(out, "result.json"), "utf8")).toBe("earlier")
    })
  })
})

describe("a wrong invocation ends with status 2 and a hint", () => {
  const rows: readonly (readonly [args: readonly string[], said: readonly string[]])[] = [
    [["rum"], ["rum", "run"]],
    [["run"], ["scenario", "bloom-176b", "custom-schedule", "bloom-study/", "heads-64", "windtunnel run --help"]],
    [["run", "x.yaml", "--nope"], ["--nope"]],
    [
      ["run", "no-such-file.yaml"],
      ["no-such-file.yaml", "there is no file"]
    ],
    [["run", "."], ["is a folder"]],
    [["run", "package.lock"], ["there is no file"]],
    [["run", "x".repeat(5000)], ["there is no file"]],
    [["run", "/dev/zero"], ["it is not a file"]],
    [
      ["run", "x.yaml", "--seed", "half"],
      ["--seed", "half"]
    ],
    [["run", "x.yaml", "--seed", "-1"], ["--seed"]],
    [
      ["run", "small", "small-server"],
      ["small-server", "windtunnel compare A B"]
    ],
    [
      ["run", "x.yaml", "--trace", "some"],
      ["--trace", "window:1s..2s"]
    ],
    [["run", "x.yaml", "--trace", "window:2s..1s"], ["--trace"]],
    [
      ["run", "bloom-176"],
      ["no shipped scenario", "did you mean bloom-176b", "bloom-study/", "topology-tp8-pp6-dp8"]
    ],
    [
      ["run", "scenarios/bloom-176b.yml"],
      ["there is no file", "bloom-176b"]
    ],
    [["compare"], ["scenario", "bloom-176b"]],
    [
      ["compare", "small"],
      ["there is only small to compare", "two scenarios or more"]
    ],
    [["compare", "small", "bloom-176"], ["no shipped scenario"]],
    [
      ["catalog", "constants", "a100.gem.bf16"],
      ["there is no constant", "a100.gemm.bf16"]
    ],
    [
      ["catalog", "accelerator", "a1000"],
      ["a1000", "a100"]
    ],
    [
      ["catalog", "modles"],
      ["modles", "models"]
    ],
    [
      ["run", "small", "--memory", "stge:1"],
      ["--memory stge:1", "stage:0 to stage:1"]
    ],
    [
      ["validate", "--measurements", "no-such-file.json"],
      ["no-such-file.json", "no such file"]
    ]
  ]

  test.each(rows)("%j", async (args, said) => {
    const { status, stdout, stderr } = await windtunnel(...args)
    expect(status).toBe(2)
    expect(stdout).toBe("")
    for (const words of said) expect(stderr).toContain(words)
  })
})

describe("with --json wrong input is a document as well", () => {
  test("with every issue and its place", async () => {
    await inFolder(async (folder) => {
      const file = write(folder, "scenario.yaml", small.replace("tensor: 2", "tensor: 5"))
      const { status, stdout, stderr } = await windtunnel("run", file, "--json")
      expect(status).toBe(2)
      const { version, error } = JSON.parse(stdout)
      expect(version).toBe(1)
      expect(error.issues[0]).toMatchObject({
        source: file,
        line: 7,
        column: 26,
        path: "training.parallelism.tensor",
        given: "5",
        expected: "a divisor of 16",
        nearest: ["4", "8"]
      })
      expect(stderr).toBe(`${error.message}\n`)
    })
  })

  test("for a wrong invocation too", async () => {
    const { status, stdout } = await windtunnel("run", "--json")
    expect(status).toBe(2)
    expect(JSON.parse(stdout).error).toMatchObject({ kind: "wrong input", issues: [] })
  })
})

test("bytes are said to be no text, and are not shown", async () => {
  await inFolder(async (folder) => {
    const file = write(folder, "bytes.json", new Uint8Array([1, 200, 61, 0, 66, 150, 255]))
    for (const flag of ["--measurements", "--log"]) {
      const { status, stderr } = await windtunnel("validate", flag, file)
      expect(status).toBe(2)
      expect(stderr).toMatch(/bytes\.json\n {2}cannot read the .*: it is not text\n$/)
    }
  })
})

test("a row of measurements is refused with its line, and near names", async () => {
  await inFolder(async (folder) => {
    const table = (row: string) => write(folder, "m.csv", `scenario,set,metric,value\n${row}\n`)
    const refused = async (row: string) => (await windtunnel("calibrate", "--measurements", table(row))).stderr
    expect(await refused("small,,iterationSecond,3")).toMatch(/m\.csv:2\n.*\n.*; did you mean iterationSeconds\?/)
    expect(await refused("smal,,iterationSeconds,3")).toMatch(/^.*m\.csv:2\nsmal\n.*no shipped scenario "smal"/)
  })
})

test("a port that is taken is said to be, with a way out", async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve))
  const { port } = other.address() as AddressInfo
  try {
    const { status, stderr } = await windtunnel("view", "--no-open", "--port", String(port))
    expect(status).toBe(2)
    expect(stderr).toBe(
      `--port ${port}\n  cannot listen there: another program does already\n  expected a free port, or none: one is found then\n`
    )
  } finally {
    other.close()
  }
})

test("a flag with a wrong value is no question about scenarios", async () => {
  const { stderr } = await windtunnel("run", "small", "--seed", "half")
  expect(stderr).not.toContain("shipped scenarios")
  expect((await windtunnel("run")).stderr).toContain("shipped scenarios:")
})

test("--set is refused by its own name", async () => {
  await inFolder(async (folder) => {
    const file = write(folder, "scenario.yaml", small)
    const { status, stderr } = await windtunnel("run", file, "--set", "training.microBach=4")
    expect(status).toBe(2)
    expect(stderr).toContain("--set training.microBach=4\n  training.microBach: there is no field")
    expect(stderr).toContain("did you mean microBatch")
  })
})

test("a folder that cannot be written is refused", async () => {
  await inFolder(async (folder) => {
    const file = write(folder, "scenario.yaml", small)
    const { status, stderr } = await windtunnel("run", file, "--out", join(file, "below"))
    expect(status).toBe(2)
    expect(stderr).toContain("cannot write to")
    expect(readdirSync(folder)).toEqual(["scenario.yaml"])
  })
})

test("a file of another kind is refused", async () => {
  await inFolder(async (folder) => {
    const { status, stderr } = await windtunnel("run", write(folder, "scenario.txt", small))
    expect(status).toBe(2)
    expect(stderr).toContain('cannot tell what a ".txt" file is')
  })
})

describe("a script", () => {
  test("that throws is refused without a stack trace", async () => {
    await inFolder(async (folder) => {
      const file = write(folder, "scenario.mjs", 'throw new Error("not today")\n')
      const { status, stderr } = await windtunnel("run", file)
      expect(status).toBe(2)
      expect(stderr).toContain("the script failed: not today")
      expect(stderr).not.toContain("    at ")
    })
  })

  test("without a default export is refused", async () => {
    await inFolder(async (folder) => {
      const file = write(folder, "scenario.mjs", "export const scenario = 1\n")
      expect((await windtunnel("run", file)).stderr).toContain("export default Scenario.make")
    })
  })
})
