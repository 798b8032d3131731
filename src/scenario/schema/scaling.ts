/**
 * How the replicas of a server, or of a pool, start, come and go, and fail.
 */
import * as Schema from "effect/Schema"
import { choice, count, quantity } from "../quantity.ts"
import { exactlyOne } from "./exactly-one.ts"

const optional = Schema.optionalKey

const time = (description: string, example: string, minimum = 0) => quantity("time", minimum, 1e9, description, example)

const startUp = Schema.Struct({
  node: optional(time("Until a machine is found and has booted; default 0: it is there", "90 s")),
  image: optional(time("For the container's image; default 0: it is there", "5 min")),
  storageRate: optional(
    quantity(
      "bytesPerSecond",
      1e3,
      1e15,
      "Rate at which all replicas of the pool together read weights; default 3 GB/s",
      "10 GB/s"
    )
  ),
  readRate: optional(
    quantity("bytesPerSecond", 1e3, 1e15, "Most that one replica reads; default what its stack reads", "2 GB/s")
  ),
  warmUp: optional(
    time(
      "Kernels, captured graphs and a first batch; default by the model's size, 17 s for 8B and 40 s for 70B",
      "30 s"
    )
  )
}).annotate({ description: "What a start of a replica takes: node, image, weights, warm-up, one after the other" })

const percentile = optional(
  quantity("fraction", 0.01, 0.999, "Which quantile of the window's requests; default 0.9", 0.9)
)
const goal = (what: string, example: string) => quantity("time", 1e-6, 86_400, what, example)

const signal = exactlyOne(
  {
    requests: optional(quantity("count", 1e-3, 1e6, "Requests at a replica, those that wait there included", 20)),
    tokens: optional(quantity("count", 1, 1e9, "Prompt and output tokens of the requests at a replica", 40_000)),
    busy: optional(quantity("fraction", 0.01, 1, "Share of the time in which a replica has work", 0.7)),
    queue: optional(quantity("count", 1e-3, 1e6, "Requests that wait at a replica", 2)),
    ttft: optional(
      Schema.Struct({ goal: goal("Time to the first token that is to be met", "1 s"), percentile }).annotate({
        description: "Time to first token of the requests that had theirs in the window"
      })
    ),
    tpot: optional(
      Schema.Struct({ goal: goal("Time per output token that is to be met", "50 ms"), percentile }).annotate({
        description: "Time per token of the requests that ended in the window"
      })
    ),
    schedule: optional(
      Schema.Array(
        Schema.Tuple([time("From when on", "8 h"), count(1e6, "Replicas from then on", 4)]).annotate({
          expected: "a time and a number of replicas, such as [8 h, 4]"
        })
      )
        .check(Schema.isMinLength(1), Schema.isMaxLength(10_000))
        .annotate({
          expected: "a list of times and replicas, such as [[0, 2], [8 h, 4]]",
          description: "Numbers of replicas by hand: [time, replicas] pairs, in order of time, the first at 0"
        })
    )
  },
  "What the number of replicas follows, with its target"
)

const scaling = Schema.Struct({
  on: signal,
  min: optional(count(1e6, "Fewest replicas; default 1, 0 only where a load brings one back", 1, 0)),
  max: optional(count(1e6, "Most replicas; default: replicas", 8)),
  initial: optional(count(1e6, "Replicas that are up at the start; default min, or the schedule's first", 2, 0)),
  spare: optional(count(1e6, "Replicas more than the load asks for, so that as many may fail; default 0", 1, 0)),
  window: optional(time("Time over which the signal is taken; default 60 s", "60 s", 1e-3)),
  every: optional(time("Time from one look to the next; default 15 s", "15 s", 1e-3)),
  tolerance: optional(
    quantity("fraction", 0, 1, "So near to the target nothing changes; default 0.1, as Kubernetes", 0.1)
  ),
  upCooldown: optional(time("Least time from a change to a start; default 0", "30 s")),
  downCooldown: optional(time("Least time from a change to a stop; default 300 s, as Kubernetes", "5 min"))
}).annotate({
  expected: "a map with the field on, such as { on: { requests: 20 }, min: 1, max: 8 }",
  description: "Replicas are started and drained as the load asks for; replicas is the most that there are"
})

const failures = Schema.Struct({
  meanTime: optional(
    time("Mean time that a replica is up between failures (exponential); default: none but those at times", "30 d", 1)
  ),
  at: optional(
    Schema.Array(
      Schema.Tuple([time("When", "10 min"), count(1e6, "Number of the replica, from 0", 0, 0)]).annotate({
        expected: "a time and a replica, such as [10 min, 0]"
      })
    )
      .check(Schema.isMaxLength(10_000))
      .annotate({
        expected: "a list of times and replicas, such as [[10 min, 0]]",
        description: "Failures at given times: [time, replica] pairs"
      })
  ),
  repair: optional(time("From a failure to the start of that replica; default 10 min", "10 min")),
  requests: optional(
    choice(
      ["lost", "retry", "resume"],
      "What becomes of a failed replica's requests: they fail, are sent again as they came, or are sent again with the tokens that they got; default retry"
    )
  ),
  retries: optional(count(1000, "Times that a request is sent again, at most; default 3", 3, 0))
}).annotate({
  expected: "a map with meanTime or at",
  description: "Failures of replicas, and the fate of their requests"
})

const rollingRestart = Schema.Struct({
  at: time("When the first replica is drained; each next when the one before it is up again", "1 h")
}).annotate({ expected: "a map with the field at", description: "Replicas are drained and started anew, one by one" })

/** Fields of a server and of each pool. */
export const scalingFields = {
  startUp: optional(startUp),
  scaling: optional(scaling),
  failures: optional(failures),
  rollingRestart: optional(rollingRestart)
}
