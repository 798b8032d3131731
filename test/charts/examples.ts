/** One picture of each chart, with numbers that a person can follow; the gallery beside holds what they look like. */
import {
  batchCurve,
  breakdownBar,
  calendarBar,
  costCurve,
  distributionCurve,
  effectBars,
  loadCurve,
  memoryBar,
  scalingCurve,
  type Picture
} from "../../src/charts/index.ts"
import { formatSeconds } from "../../src/units/index.ts"

const queue = (load: number): number => 0.06 + 0.05 / Math.max(0.05, 1 - load / 10)

const loads = [0.5, 1, 2, 4, 6, 7, 8, 9, 9.5, 10.5, 12]
const points = loads.map((load) => ({
  load,
  seconds: load > 10 ? [40, 90] : [0.05 + 0.002 * load, queue(load)],
  isOverloaded: load > 10
}))

const iteration = [
  { name: "matrices", value: 61.2, colour: "compute" },
  { name: "attention", value: 9.1, colour: "compute", depth: 0.75 },
  { name: "elementwise", value: 7.8, colour: "compute", depth: 0.5 },
  { name: "tensor parallel", value: 8.8, colour: "tensor" },
  { name: "pipeline sends", value: 0.6, colour: "pipeline" },
  { name: "data parallel", value: 6.7, colour: "data" },
  { name: "optimizer", value: 1.4, colour: "memory" },
  { name: "host", value: 0.8, colour: "host" },
  { name: "pipeline bubble", value: 9.4, colour: "idle" }
] as const

const memoryOf = (activations: number) =>
  [
    { name: "weights", value: 7.3e9, colour: "memory" },
    { name: "gradients", value: 14.7e9, colour: "memory", depth: 0.7 },
    { name: "optimizer", value: 5.5e9, colour: "memory", depth: 0.45 },
    { name: "activations", value: activations, colour: "compute" },
    { name: "buffers", value: 1.7e9, colour: "host" }
  ] as const

const gaps = new Float64Array(1000).map((_, index) => 0.04 * (1 - index / 1001) ** -0.45)

export const examples: Readonly<Record<string, Picture>> = {
  breakdown: breakdownBar({
    title: "Compute is 74 % of an iteration; the pipeline bubble is 9 %",
    parts: iteration,
    unit: "time, s",
    format: formatSeconds
  }),
  effects: effectBars({
    title: "10 % more FLOP/s buys 6.4 % more tokens/s; memory bandwidth comes next with 1.2 %",
    more: "10 % more: tokens/s",
    less: "9.09 % less",
    rows: [
      { name: "FLOP/s", withMore: 0.064, withLess: -0.062 },
      { name: "memory bandwidth", withMore: 0.012, withLess: -0.013 },
      { name: "global batch", withMore: 0.013, withLess: null },
      { name: "host", withMore: -0.007, withLess: 0.006 },
      { name: "memory size", withMore: 0, withLess: 0 }
    ]
  }),
  "load-with-goal": loadCurve({
    what: "time to first token",
    unit: "requests/s",
    statistics: ["p50", "p99"],
    points,
    goalSeconds: 0.4,
    here: 4,
    best: 8.4,
    capacity: 10
  }),
  "load-without-goal": loadCurve({
    what: "time to last token",
    unit: "users",
    statistics: ["p50", "p99"],
    points: points.slice(0, 9)
  }),
  scaling: scalingCurve({
    unit: "tokens/s",
    points: [
      { accelerators: 96, rate: 10_800 },
      { accelerators: 192, rate: 21_100 },
      { accelerators: 384, rate: 39_900 },
      { accelerators: 768, rate: 69_800 }
    ],
    here: 384
  }),
  memory: memoryBar({
    title: "The fullest GPU, of stage 0, uses 71.3 of 80 GB; 8.70 GB are spare",
    capacityBytes: 80e9,
    bars: [42.1e9, 33e9, 24e9, 15e9].map((activations, stage) => ({
      name: `stage ${stage}`,
      parts: memoryOf(activations)
    }))
  }),
  "memory-overfull": memoryBar({
    title: "Each GPU needs 91.3 of 80 GB; 11.3 GB are missing",
    capacityBytes: 80e9,
    bars: [{ name: "", parts: memoryOf(62.1e9) }]
  }),
  distribution: distributionCurve({ what: "time to first token", sorted: gaps, goalSeconds: 0.3 }),
  cost: costCurve({
    what: "a million output tokens",
    by: "requests that come, per second",
    unit: "requests/s",
    points: loads.slice(0, 9).map((at) => ({ at, dollars: 0.09 + 1.1 / at })),
    here: 4
  }),
  "batch-of-requests": batchCurve({
    points: [1, 2, 4, 8, 16, 32, 64, 128].map((requests) => ({
      requests,
      tokensPerSecond: (44 * requests) / (1 + requests / 90),
      answerSeconds: 1.5 * (1 + requests / 90)
    })),
    here: 16
  }),
  "calendar-of-a-run": calendarBar({
    title: "93.2 % of 117 days is training; most of the rest goes to planned stops, 2.99 days",
    parts: [
      { name: "training", value: 109 * 86_400, colour: "compute" },
      { name: "checkpoints", value: 10.6 * 3600, colour: "memory" },
      { name: "work done again", value: 32.7 * 3600, colour: "tensor" },
      { name: "until noticed", value: 63 * 3600, colour: "data" },
      { name: "restarting", value: 10.9 * 3600, colour: "host" },
      { name: "planned stops", value: 71.8 * 3600, colour: "other" }
    ]
  }),
  "calendar-without-loss": calendarBar({
    title: "40 % of 10 days is training",
    parts: [
      { name: "training", value: 4 * 86_400, colour: "compute" },
      { name: "waiting for repair", value: 6 * 86_400, colour: "data", depth: 0.5 }
    ]
  }),
  "replica-time": breakdownBar({
    title: "A replica spends 57 % of its time on matrices of decode steps",
    parts: [
      { name: "decode: matrices", value: 0.57, colour: "backward" },
      { name: "decode: attention", value: 0.2, colour: "backward", depth: 0.7 },
      { name: "prefill: matrices", value: 0.09, colour: "compute" },
      { name: "communication", value: 0.07, colour: "tensor" },
      { name: "host", value: 0.02, colour: "host" },
      { name: "idle", value: 0.05, colour: "idle" }
    ],
    unit: "share of time"
  })
}
