/**
 * The whole run: how many tokens, what fails and how often, what is saved, who stands by.
 */
import * as Schema from "effect/Schema"
import type { ComponentName } from "../../training/index.ts"
import { choice, count, quantity } from "../quantity.ts"

const optional = Schema.optionalKey

/** The longest time that anything of a run may take: about thirty thousand years. */
const longest = 1e12

const time = (description: string, example: string, minimum = 0) =>
  quantity("time", minimum, longest, description, example)

const share = (description: string, example: number | string) => quantity("fraction", 0, 1, description, example)

const stage = Schema.Struct({
  tokens: optional(count(1e18, "Tokens of this stage; the last stage has what is left", "252M")),
  globalBatch: optional(count(1e9, "Sequences in an iteration; default training.globalBatch", 1024)),
  sequenceLength: optional(count(1e8, "Tokens in a sequence; default training.sequenceLength", 4096)),
  microBatch: optional(count(1e6, "Sequences in a micro-batch; default training.microBatch", 1)),
  context: optional(count(1e6, "Context-parallel size; replicas give way to it; default that of the layout", 16))
}).annotate({ description: "A part of the run with a batch and a sequence length of its own" })

const batchRamp = Schema.Struct({
  from: count(1e9, "Sequences in the first iteration", 16),
  increment: count(1e9, "Sequences by which the batch grows", 16),
  samples: count(1e15, "Sequences until the batch is full", "9.77M")
}).annotate({
  description: "Batch that grows in equal steps to that of the first stage (Megatron's --rampup-batch-size)"
})

const hang = Schema.Struct({
  share: share("Share of the failures that hang instead of ending the job", 0.2),
  timeout: time("Time until a hang is noticed", "30 min")
}).annotate({ description: "Failures that are silent until a time-out" })

const failureFields = {
  mtbf: optional(time("Mean time between failures of one unit", "5.8 years", 1)),
  rate: optional(quantity("count", 1e-15, 1e3, "Failures per unit and hour, instead of mtbf", 2e-5)),
  shape: optional(
    quantity("count", 0.2, 10, "Weibull shape: 1 (default) has no memory, less is early failures, more is wear", 0.8)
  ),
  count: optional(count(1e9, "Units in the job; default: counted from the cluster", 384)),
  detection: optional(time("Time until a failure is noticed; default that of the run", "1 min")),
  hang: optional(hang),
  nodes: optional(count(1e6, "Nodes that have to be replaced; default 1, for switches and software 0", 1, 0)),
  repair: optional(time("Time until these nodes are back; default that of the spares", "1 day"))
}

const component = Schema.Struct(failureFields).annotate({
  expected: "a map with mtbf or rate, such as { mtbf: 5 years }",
  description: "How units of this component fail"
})

const meanings: Readonly<Record<ComponentName, string>> = {
  gpu: "Accelerators, one unit each",
  hbm: "Memory of accelerators, one unit each",
  nic: "Network adapters",
  switch: "Switches; their number is that of a two-level fat tree",
  host: "Nodes besides accelerators and NICs",
  software: "Software; one unit, the job"
}

const failures = Schema.Struct({
  gpu: optional(component.annotate({ description: meanings.gpu })),
  hbm: optional(component.annotate({ description: meanings.hbm })),
  nic: optional(component.annotate({ description: meanings.nic })),
  switch: optional(component.annotate({ description: meanings.switch })),
  host: optional(component.annotate({ description: meanings.host })),
  software: optional(component.annotate({ description: meanings.software }))
}).annotate({ description: "What stops the job unplanned, by component" })

const interval = Schema.Union([
  Schema.Literal("best"),
  time("Time between checkpoints", "3 h", 1e-3),
  Schema.Struct({ steps: count(1e12, "Steps between checkpoints", 100) })
]).annotate({
  expected: "a time such as 3 h, { steps: 100 }, or best",
  description: "How often the job saves; best is what the simulation finds; default best"
})

const checkpoint = Schema.Struct({
  interval: optional(interval),
  mode: optional(
    choice(
      ["synchronous", "asynchronous"],
      "Asynchronous stops only for the copy to the host and uploads in the background; default synchronous"
    )
  ),
  bandwidth: optional(
    quantity("bytesPerSecond", 1e3, 1e18, "Rate at which all nodes together write a checkpoint and read it", "50 GB/s")
  ),
  bytes: optional(quantity("bytes", 1, 1e18, "Size of a checkpoint; default: by parameters and stack", "2.3 TB")),
  save: optional(time("Time to write a checkpoint; default: by size and bandwidth", "40 s")),
  pause: optional(time("Asynchronous: time of the copy to the host; default: by size and host link", "5 s"))
}).annotate({
  expected: "a map with bandwidth or save, such as { interval: 3 h, save: 40 s }",
  description: "Saved states to which a failure falls back; absent: a failure starts the run again"
})

const restart = Schema.Union([
  time("Time from the end of an outage until steps run again", "15 min"),
  Schema.Struct({
    scheduler: optional(time("Time until the scheduler has started the job; default 0", "5 min")),
    initialisation: optional(time("Processes, communicators, compilation; default 0", "5 min")),
    load: optional(
      time("Time to load the checkpoint; default: by size and bandwidth, else as long as a save", "2 min")
    ),
    warmUp: optional(time("Data pipeline and slow first steps; default 0", "1 min"))
  })
]).annotate({
  expected: "a time such as 15 min, or { scheduler, initialisation, load, warmUp }",
  description: "What a start takes; default: loading the checkpoint"
})

const spares = Schema.Struct({
  nodes: count(1e6, "Nodes that stand by", 4, 0),
  repair: optional(time("Time until a broken node is a spare one; default 1 day", "1 day")),
  swap: optional(time("Time to put a spare node in place; default 0", "5 min"))
}).annotate({
  description:
    "Nodes in reserve; absent: a broken node is replaced at once. Where none is left the job waits for a repair"
})

const elastic = Schema.Struct({
  least: optional(count(1e6, "Fewest replicas with which the job goes on; default half of them", 64)),
  reconfigure: optional(time("Time to drop a replica, and to take it back; default 1 min", "2 min")),
  stateFrom: optional(
    choice(
      ["replicas", "checkpoint"],
      "Where the others find the state; default replicas, checkpoint where it is sharded over them (zeroStage above 0)"
    )
  )
}).annotate({ description: "Goes on with fewer data-parallel replicas while nodes are missing" })

const stopForms = "a map with lasting and either every or at, such as { every: 7 days, lasting: 2 h }"

const stop = Schema.Struct({
  every: optional(time("Time from one stop to the next", "7 days", 60)),
  at: optional(time("Time of the stop", "10 days")),
  lasting: time("Time until the job may start again", "2 h")
})
  .annotate({ expected: stopForms, description: "A planned stop: the job saves, stops and starts again" })
  .check(Schema.isBetweenProperties(2, 2, { expected: stopForms }))

const slowNodes = Schema.Struct({
  mtbf: time("Mean time between two episodes of one node", "1 year", 1),
  slowdown: quantity("count", 1, 1000, "Time of a step with such a node over that without", 1.05),
  found: time("Time until the node is found and replaced", "1 day"),
  repair: optional(time("Time until it is back; default that of the spares", "1 day"))
}).annotate({ description: "Nodes that go on, but slower" })

const stageCount = "a list of 1 to 100 stages"
const stopCount = "a list of at most 1,000 planned stops"

export const trainingRunSchema = Schema.Struct({
  tokens: optional(count(1e18, "Tokens of the whole run; default training.tokens", "366B")),
  batchRamp: optional(batchRamp),
  stages: optional(
    Schema.Array(stage)
      .annotate({
        expected: stageCount,
        description: "Parts of the run, in order; default: all tokens with the batch and sequence of training"
      })
      .check(Schema.isMinLength(1, { expected: stageCount }), Schema.isMaxLength(100, { expected: stageCount }))
  ),
  failures: optional(failures),
  detection: optional(time("Time until a failure is noticed; default 0", "1 min")),
  checkpoint: optional(checkpoint),
  restart: optional(restart),
  spares: optional(spares),
  elastic: optional(elastic),
  stops: optional(
    Schema.Array(stop)
      .annotate({ expected: stopCount, description: "Planned stops" })
      .check(Schema.isMaxLength(1000, { expected: stopCount }))
  ),
  slowNodes: optional(slowNodes),
  runs: optional(count(10_000, "Runs to simulate, each with random streams of its own; default 100", 100))
}).annotate({
  expected:
    "a map such as { tokens: 366B, failures: { gpu: { mtbf: 7 years } }, checkpoint: { interval: 3 h, save: 40 s } }",
  description: "The whole run, with failures, checkpoints and restarts"
})
