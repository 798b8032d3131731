/** One picture of each chart, with numbers that a person can follow; the gallery beside holds what they look like. */
import {
  batchCurve,
  breakdownBar,
  calendarBar,
  costCurve,
  distributionCurve,
  effectBars,
  heatMap,
  lineChart,
  loadCurve,
  memoryBar,
  parallelCoordinates,
  paretoChart,
  scalingCurve,
  timeAxis,
  countAxis,
  valueEffects,
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

/** 96 layouts of which the best is 1.2 s; those of TP 1 do not fit. */
const layouts = [0, 1, 2, 3].flatMap((tensor) =>
  [0, 1, 2, 3].flatMap((pipeline) =>
    [0, 1, 2].flatMap((batch) =>
      [0, 1].map((recompute) => ({
        at: [tensor, pipeline, batch, recompute],
        value:
          tensor === 0
            ? null
            : 1 + 0.2 * (4 - tensor) + 0.1 * Math.abs(pipeline - 1) + 0.15 * (2 - batch) + 0.3 * recompute
      }))
    )
  )
)

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
  "heat-map": heatMap({
    title:
      "The time of an iteration is lowest, 3.20 s, at tensor 4 and pipeline 2; the highest of 7 is 9.60 s; 8 of 15 cannot be had",
    x: { label: "tensor", values: ["1", "2", "4", "8", "16"] },
    y: { label: "pipeline", values: ["1", "2", "4"] },
    measure: { label: "iteration", better: "less", show: formatSeconds },
    lost: ["does not fit", "impossible", "error", "overloaded"],
    cells: [
      ["does not fit", "does not fit", 5.1, 4.4, "impossible"],
      ["does not fit", 4.9, 3.2, 4.1, "impossible"],
      ["error", 9.6, 6.3, "overloaded"]
    ].flatMap((row, y) => row.map((value, x) => ({ x, y, value }))),
    table: { columns: ["pipeline"], rows: [] }
  }),
  "heat-map-of-many-values": heatMap({
    title: "Of 40 by 25 values the best is in the middle",
    x: { label: "requests at once", values: Array.from({ length: 40 }, (_, x) => String(8 * (x + 1))) },
    y: { label: "tokens of a step", values: Array.from({ length: 25 }, (_, y) => String(256 * (y + 1))) },
    measure: { label: "throughput, requests/s", better: "more", show: (value) => value.toFixed(1) },
    lost: ["does not fit"],
    cells: Array.from({ length: 1000 }, (_, index) => {
      const [x, y] = [index % 40, Math.floor(index / 40)]
      return { x, y, value: x + y > 52 ? "does not fit" : 20 - Math.hypot(x - 20, y - 12) / 2 }
    }),
    table: { columns: ["point"], rows: [] }
  }),
  "parallel-coordinates": parallelCoordinates({
    title: "The time of an iteration is lowest, 1.20 s, with tensor 8, pipeline 2, microBatch 4 and recompute none",
    axes: [
      { label: "tensor", values: ["1", "2", "4", "8"] },
      { label: "pipeline", values: ["1", "2", "4", "8"] },
      { label: "microBatch", values: ["1", "2", "4"] },
      { label: "recompute", values: ["none", "full"] }
    ],
    measure: { label: "iteration", better: "less", show: formatSeconds },
    lost: "cannot be had",
    points: layouts,
    table: { columns: ["point"], rows: [] }
  }),
  "value-effects": valueEffects({
    title: "The field tensor matters most: on average the time of an iteration is 3.10 s at 8 and 9.20 s at 1",
    axis: timeAxis("mean time of an iteration", 2.5, 9.2),
    mean: 5.2,
    fields: [
      {
        field: "tensor",
        note: "71 %",
        values: [
          { name: "1", mean: 9.2 },
          { name: "2", mean: 5.3 },
          { name: "4", mean: 3.2 },
          { name: "8", mean: 3.1 }
        ]
      },
      {
        field: "recompute",
        note: "14 %",
        values: [
          { name: "none", mean: 4.4 },
          { name: "full", mean: 6 }
        ]
      },
      {
        field: "schedule",
        note: "0 %",
        values: [
          { name: "1f1b", mean: 5.2 },
          { name: "interleaved-1f1b", mean: 5.21 },
          { name: "zb-h1", mean: 5.19 }
        ]
      }
    ],
    table: { columns: ["value"], rows: [] }
  }),
  pareto: paretoChart({
    title: "4 of 7 points are on the front of accelerators and iteration: from 8 with 40.0 s to 64 with 6.50 s",
    x: countAxis("accelerators", 0, 64),
    y: timeAxis("iteration", 0, 40),
    xBetter: "less",
    front: [
      { x: 8, y: 40, title: "tensor 8" },
      { x: 16, y: 21, title: "tensor 8, data 2" },
      { x: 32, y: 12, title: "tensor 8, data 4" },
      { x: 64, y: 6.5, title: "tensor 8, data 8" }
    ],
    others: [
      { x: 16, y: 27, title: "pipeline 2" },
      { x: 32, y: 19, title: "pipeline 4" },
      { x: 64, y: 14, title: "pipeline 8" }
    ],
    table: { columns: ["point"], rows: [] }
  }),
  "curves-with-bands": lineChart({
    title:
      "The p99 time to first token is lowest at rate 1; mean of 5 seeds, shaded from their least to their greatest",
    x: { ...countAxis("rate, requests/s", 1, 32, [1, 2, 4, 8, 16, 32]), scale: "log", isExact: true },
    y: timeAxis("p99 time to first token", 0, 0.8),
    lines: (["compute", "tensor"] as const).map((colour, index) => ({
      name: `replicas ${index + 1}`,
      colour,
      isMarked: true,
      points: [1, 2, 4, 8, 16, 32].map((rate) => [rate, 0.05 + (0.001 * rate ** 1.9) / (index + 1)] as const),
      band: [1, 2, 4, 8, 16, 32].map((rate) => {
        const mean = 0.05 + (0.001 * rate ** 1.9) / (index + 1)
        return [rate, 0.8 * mean, 1.1 * mean] as const
      })
    })),
    table: { columns: ["rate"], rows: [] }
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
