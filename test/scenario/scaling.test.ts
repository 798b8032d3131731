/** Scaling, failures and routing as they are written: defaults, and what is refused. */
import { describe, expect, test } from "vitest"
import { formatIssue, loadScenario, resolveServing } from "../../src/scenario/index.ts"

const text = `name: fleet
cluster: { system: dgx-h100, accelerators: 4 }
model: llama-3.1-8b
serving:
  stack: vllm-v1
  scaling: { on: { requests: 10 } }
workload:
  arrivals: { poisson: { rate: 5 } }
  classes:
    - { name: chat, prompt: 500, output: 100 }
`

const outcome = (scenario: string) => {
  const readText = () => ({ text: scenario })
  const loaded = loadScenario({ file: "fleet.yaml", readText })
  return loaded._tag === "Refused" ? loaded : resolveServing(loaded, { readText })
}

const refusal = (from: string, to: string): string => {
  const found = outcome(text.replace(from, to))
  if (found._tag !== "Refused") throw new Error("nothing was refused")
  return found.issues.map(formatIssue).join("\n")
}

const scaling = (written: string): string => refusal("{ on: { requests: 10 } }", written)
const serving = (written: string): string => refusal("scaling: { on: { requests: 10 } }", written)

test("what is left out is filled in: limits, windows, and a start by the model's size", () => {
  const found = outcome(text)
  if (found._tag === "Refused") throw new Error(found.issues.map(formatIssue).join("\n"))
  const { scaling: made, startUp } = found.job.lifecycle!
  expect(made).toEqual({
    minimum: 1,
    maximum: 4,
    initial: 1,
    signal: "requests",
    target: 10,
    quantile: 0.9,
    windowSeconds: 60,
    everySeconds: 15,
    tolerance: 0.1,
    upCooldownSeconds: 0,
    downCooldownSeconds: 300,
    spare: 0,
    schedule: []
  })
  // 8.03 billion parameters in 16 bits; 17 s at 8 billion.
  expect(startUp.weightBytes).toBeCloseTo(16.06e9, -8)
  expect(startUp.warmUpSeconds).toBeCloseTo(17.01, 1)
  expect(startUp.storageBytesPerSecond).toBe(3e9)
  expect([startUp.nodeSeconds, startUp.imageSeconds]).toEqual([0, 0])
})

test("replicas that come, go and fail may have tiers of the cache", () => {
  const tiers =
    "kvCache: { tiers: [{ in: host, capacity: 1 GB }, { in: remote, capacity: 1 TB }], prefixCaching: true }"
  const lives = "rollingRestart: { at: 60 }\n  failures: { meanTime: 1 d }\n  scaling: { on: { requests: 10 } }"
  const found = outcome(text.replace("scaling: { on: { requests: 10 } }", `${lives}\n  ${tiers}`))
  if (found._tag === "Refused") throw new Error(found.issues.map(formatIssue).join("\n"))
  expect(Object.keys(found.job.lifecycle!).sort()).toEqual(["failures", "restart", "scaling", "startUp"])
  expect(found.job.cache.tiers!.tiers.map((tier) => tier.in)).toEqual(["host", "remote"])
})

describe("refused", () => {
  test.each([
    ["more than the machines hold", scaling("{ on: { requests: 10 }, max: 5 }"), "serving.scaling.max", "at most 4"],
    [
      "more at least than at most",
      scaling("{ on: { busy: 0.5 }, min: 3, max: 2 }"),
      "serving.scaling.min",
      "at most 2"
    ],
    [
      "a start outside of the limits",
      scaling("{ on: { queue: 1 }, initial: 9 }"),
      "serving.scaling.initial",
      "from 1 to 4"
    ],
    ["a schedule that does not begin", scaling("{ on: { schedule: [[5, 2]] } }"), "on.schedule", "rise from 0"],
    ["times out of order", scaling("{ on: { schedule: [[0, 2], [9, 1], [9, 3]] } }"), "schedule.2", "rise from 0"],
    ["two signals", scaling("{ on: { busy: 0.5, queue: 1 } }"), "serving.scaling.on", "one of"],
    ["no signal", scaling("{ min: 1 }"), "serving.scaling", "on"],
    ["a share above 1", scaling("{ on: { busy: 70 } }"), "on.busy", "0.0100 to 1"],
    ["failures that never come", serving("failures: { repair: 5 min }"), "serving.failures", "meanTime"],
    ["a replica that is not there", serving("failures: { at: [[60, 4]] }"), "failures.at.0.1", "at most 3"],
    ["a start of what is there", serving("startUp: { node: 60 s }"), "serving.startUp", "scaling, failures"],
    ["a goal that is not there", refusal("name: chat,", "name: chat, admission: reject,"), "admission", "slo.ttft"],
    ["shares that nobody heeds", refusal("name: chat,", "name: chat, share: 3,"), "classes.0.share", "order: fair"],
    ["a weight of another router", serving("routing: { loadWeight: 2 }"), "routing.loadWeight", "prefix-aware"],
    [
      "prefixes that nobody keeps",
      serving("router: prefix-aware\n  kvCache: { prefixCaching: false }"),
      "serving.router",
      "prefixCaching: true"
    ],
    [
      "a fate that is none",
      serving("failures: { meanTime: 1 d, requests: kept }"),
      "failures.requests",
      "lost, retry, resume"
    ]
  ])("%s", (_name, message, place, expected) => {
    expect(message).toContain(place)
    expect(message).toContain(expected)
  })
})
