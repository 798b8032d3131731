/** What docs/calibration.md says holds. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { parse } from "yaml"
import { scenarioFromData } from "../src/scenario/index.ts"
import { localMetrics } from "../src/validation/index.ts"
import { inFolder, windtunnel, write } from "./cli/command-line.ts"

const guide = readFileSync(new URL("../docs/calibration.md", import.meta.url), "utf8")
const blocks = [...guide.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(({ 1: language = "", 2: body = "" }) => ({
  language,
  body
}))
const of = (language: string): readonly string[] =>
  blocks.filter((block) => block.language === language).map(({ body }) => body)

const ofCalibration = (language: string): string => of(language).find((body) => body.includes("calibrat")) ?? ""

test("the sensitivity of BLOOM begins as printed", async () => {
  const { status, stdout } = await windtunnel(...(of("sh")[0] ?? "").trim().split(" ").slice(1))
  expect(status).toBe(0)
  expect(stdout.startsWith((of("")[0] ?? "nothing").trimEnd())).toBe(true)
})

/** Two ranks of one node over PCIe; times are made up. */
const collectives = `# nccl-tests version 2.17.6 nccl-headers=22602 nccl-library=22602
# Collective test starting: all_reduce_perf
#  Rank  0 Group  0 Pid  52 on    node-1 device  0 [0000:00:00] NVIDIA RTX A5000
#  Rank  1 Group  0 Pid  52 on    node-1 device  1 [0000:01:00] NVIDIA RTX A5000
#       size         count      type   redop    root     time   algbw   busbw  #wrong     time   algbw   busbw  #wrong
#        (B)    (elements)                               (us)  (GB/s)  (GB/s)             (us)  (GB/s)  (GB/s)
    67108864      16777216     float     sum      -1   5200.0   12.91   12.91       0   5200.0   12.91   12.91       0
`

test("the table of measurements makes a profile, which a run takes", () =>
  inFolder(async (folder) => {
    write(folder, "my-cluster.yaml", readFileSync(new URL("../scenarios/my-cluster.yaml", import.meta.url)))
    write(folder, "steps.csv", of("csv")[0] ?? "")
    write(folder, "all_reduce.txt", collectives)
    write(folder, "gemm.csv", "m,n,k,latency\n8192,8192,8192,11.5\n16,8192,8192,0.24\n")
    for (const command of ofCalibration("sh").trim().split("\n")) {
      const words = command.split(" ").slice(1).map((word) => word.replace(/^mine\//, `${join(folder)}/`)) // prettier-ignore
      const { status, stdout, stderr } = await windtunnel(...words)
      expect(stderr).not.toMatch(/given/)
      expect(status).toBe(0)
      if (words[0] === "run") expect(stdout).toMatch(/\d calibrated here/)
    }
  }))

test("every metric is told, and the field of a scenario is one", () => {
  for (const metric of Object.keys(localMetrics)) expect(guide).toContain(`\`${metric}\``)
  const data = { cluster: { system: "dgx-h100" }, model: "llama-3.1-8b", training: { globalBatch: 8 } }
  const loaded = scenarioFromData({ name: "guide", data: { ...data, ...(parse(ofCalibration("yaml")) as object) } })
  expect(loaded).toMatchObject({ scenario: { calibration: "machine.profile.json" } })
})

test("factors on resources are a field, and a run takes them", () => {
  const block = of("yaml").find((body) => body.includes("resources")) ?? ""
  const data = { cluster: { system: "dgx-h100" }, model: "llama-3.1-8b", training: { globalBatch: 8 } }
  const loaded = scenarioFromData({ name: "guide", data: { ...data, ...(parse(block) as object) } })
  expect(loaded).toMatchObject({ scenario: { resources: { networkRate: 1.1 } } })
})
