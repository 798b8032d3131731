/**
 * The workload of a serving scenario: when requests come, how long they are, and what their clients expect.
 */
import * as Schema from "effect/Schema"
import { traceFormatNames } from "../../serving/index.ts"
import { choice, count, quantity, text } from "../quantity.ts"
import { countDistribution, timeDistribution, tokenDistribution } from "./distribution.ts"
import { exactlyOne } from "./exactly-one.ts"
import { classRoutingFields } from "./routing.ts"

const optional = Schema.optionalKey

const time = (description: string, example: string, minimum = 0) => quantity("time", minimum, 1e9, description, example)

/** Requests per second. */
const rate = (description: string, example: number, minimum = 0) =>
  quantity("count", minimum, 1e6, description, example)

/** Slowest constant rate: a request in eleven days. */
const slowest = 1e-6

const curves = exactlyOne(
  {
    ramp: optional(
      Schema.Struct({
        from: rate("Requests per second at the start", 1),
        to: rate("Requests per second at the end and from then on", 20),
        over: time("How long the rate takes from one to the other", "10 min", 1e-3)
      }).annotate({ description: "A rate that rises or falls evenly, then stays" })
    ),
    daily: optional(
      Schema.Struct({
        mean: rate("Mean requests per second", 10, slowest),
        amplitude: quantity("fraction", 0, 1, "Swing around the mean, as a share of it", 0.6),
        peak: time("Time of the day at which the rate is highest", "14 h"),
        period: optional(time("Length of a day; default 24 h", "24 h", 1))
      }).annotate({ description: "A rate that swings as a cosine over the day" })
    ),
    bursts: optional(
      Schema.Struct({
        rate: rate("Requests per second between bursts", 5),
        burstRate: rate("Requests per second in a burst", 50),
        lasting: time("Length of a burst", "10 s", 1e-3),
        every: time("Time from the start of a burst to that of the next", "5 min", 1e-3)
      }).annotate({ description: "A rate with regular bursts, the first at time 0" })
    ),
    steps: optional(
      Schema.Array(
        Schema.Tuple([time("From when on", "60 s"), rate("Requests per second from then on", 10)]).annotate({
          expected: "a time and a rate, such as [60, 10]"
        })
      )
        .check(Schema.isMinLength(1), Schema.isMaxLength(1e5))
        .annotate({
          expected: "a list of steps, each a time and a rate, such as [[0, 5], [60, 10]]",
          description: "A rate that changes in steps: [time, rate] pairs, in order of time, the first at 0"
        })
    )
  },
  "Requests per second as a function of time"
)

const rateCurve = Schema.Union([rate("Mean requests per second", 10, slowest), curves]).annotate({
  expected:
    "requests per second above 0 (at least 1e-6) such as 10, or one of { ramp: ... }, { daily: ... }, { bursts: ... }, { steps: [[0, 5], [60, 10]] }",
  description: "Requests per second: a number, or a curve over time"
})

const arrivals = exactlyOne(
  {
    poisson: optional(
      Schema.Struct({ rate: rateCurve }).annotate({
        description: "Independent clients: exponential gaps between requests"
      })
    ),
    gamma: optional(
      Schema.Struct({
        rate: rate("Mean requests per second", 10, slowest),
        variation: quantity(
          "count",
          0.01,
          100,
          "Coefficient of variation of the gaps; 1 is Poisson, more comes in clumps",
          2
        )
      }).annotate({ description: "Gamma-distributed gaps between requests" })
    ),
    deterministic: optional(
      Schema.Struct({ rate: rate("Requests per second", 10, slowest) }).annotate({
        description: "Equal gaps between requests"
      })
    ),
    closedLoop: optional(
      Schema.Struct({
        users: count(1e6, "Users, each with at most one request under way", 100),
        thinkTime: optional(
          timeDistribution("What a user waits between an answer and the next request; default 0", ["1 s", "5 s"])
        )
      }).annotate({ description: "Users who wait for their answer, think, and ask again" })
    ),
    batch: optional(
      Schema.Struct({}).annotate({ description: "All requests at time 0, as an offline run has them: batch: {}" })
    ),
    trace: optional(
      Schema.Struct({
        file: text("Path of a recorded workload, relative to the scenario file", "traces/azure-conversation-2023.csv"),
        format: optional(choice(traceFormatNames, "Format of the file; default: recognised by its first lines")),
        speedUp: optional(
          quantity("count", 1e-6, 1e6, "Requests come so many times faster than recorded; default 1", 2)
        ),
        onBadRow: optional(
          choice(
            ["refuse", "skip"],
            "What to do with a row that cannot be read: refuse the file, or skip and count it; default refuse"
          )
        )
      }).annotate({ description: "A recorded workload: arrival times, lengths and shared prefixes of a file" })
    ),
    rounds: optional(
      Schema.Struct({
        prompts: count(1e6, "Prompts of a round", 256),
        samples: optional(count(1e5, "Answers to each prompt; default 1", 8)),
        rounds: optional(count(1e5, "Rounds; default 1", 3)),
        refresh: optional(
          time("From the last answer of a round to the next: training and new weights; default 0", "30 s")
        )
      }).annotate({
        description: "Roll-outs of reinforcement learning: each round comes at once, and waits for the one before"
      })
    )
  },
  "When requests come"
)

const prompt = tokenDistribution("Tokens of a prompt", [16, 512])
const output = tokenDistribution("Tokens of an answer", [1, 128])

const sharedPrefix = Schema.Struct({
  tokens: count(1e7, "Tokens of the shared text; they come on top of the prompt's own", 1000),
  count: optional(count(1e6, "How many such texts there are; default 1", 10)),
  exponent: optional(
    quantity("count", 0, 20, "How unevenly requests choose among them (Zipf); default 1, 0 is evenly", 1)
  )
}).annotate({ description: "A text that prompts begin with, such as instructions; a prefix cache finds it again" })

const conversation = Schema.Struct({
  turns: countDistribution("Requests of a conversation", [1, 4]),
  thinkTime: optional(
    timeDistribution("What a user waits, or a tool takes, before the next turn; default 0", ["1 s", "10 s"])
  ),
  followUp: optional(
    tokenDistribution("Tokens that each later turn adds, such as what a tool answers; default as prompt", [100, 2000])
  ),
  compact: optional(
    Schema.Struct({
      at: count(1e8, "Tokens beyond which what was said is summed up before the next turn", 100_000),
      to: count(1e8, "Tokens of the summary", 5000)
    }).annotate({ description: "Context that is summed up when it has become too long; default never" })
  )
}).annotate({ description: "Requests that follow one another, each with all before as the start of its prompt" })

/** Goals are of seconds, or of minutes at most: whoever writes 5000000 thinks of microseconds. */
const goal = (description: string, example: string) =>
  quantity("time", 1e-6, 86_400, description, example, "a number without a unit is seconds")

const slo = Schema.Struct({
  ttft: optional(goal("Longest time to the first token", "1 s")),
  tpot: optional(goal("Longest mean time per token after the first", "50 ms")),
  e2e: optional(goal("Longest time to the last token", "30 s"))
}).annotate({ description: "Goals that a request has to meet to count for goodput" })

const patience = time("A client gives up when it has not got its last token after so long; default never", "60 s", 1e-6)

const requestClass = Schema.Struct({
  name: text("Name of the class", "chat"),
  model: optional(text("Name of the model that it asks for, where pools serve several", "llama-3.1-8b")),
  weight: optional(quantity("count", 1e-9, 1e9, "Share of the requests, relative to the other classes; default 1", 3)),
  priority: optional(
    quantity("count", -1e6, 1e6, "Lower is served first where batching.order is priority; default 0", 0)
  ),
  ...classRoutingFields,
  prompt: optional(prompt),
  output: optional(output),
  slo: optional(slo),
  sharedPrefix: optional(sharedPrefix),
  conversation: optional(conversation),
  patience: optional(patience)
}).annotate({ description: "One kind of request" })

export const workloadSchema = Schema.Struct({
  arrivals,
  prompt: optional(prompt),
  output: optional(output),
  sharedPrefix: optional(sharedPrefix),
  conversation: optional(conversation),
  classes: optional(
    Schema.Array(requestClass).check(Schema.isMinLength(1), Schema.isMaxLength(100)).annotate({
      expected: "a list of request classes, each with name, prompt and output",
      description: "Several kinds of requests, in place of prompt and output"
    })
  ),
  requests: optional(
    count(
      2e7,
      "Requests until the workload ends; default 1000 (batch: maxBatchSize; closed loop: 10 a user if that is more; trace: all), none with a duration",
      1000
    )
  ),
  duration: optional(time("Requests come until then; default: until all have come", "600 s", 1e-6)),
  warmUp: optional(time("Requests that arrive before this time are left out of the statistics; default 0", "60 s")),
  slo: optional(slo),
  patience: optional(patience)
}).annotate({
  expected: "a map with the fields arrivals, prompt and output",
  description: "The requests: when they come, how long they are, what their clients expect"
})
