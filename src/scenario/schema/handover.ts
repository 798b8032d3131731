/** How requests get from prefill pools to decode pools. */
import * as Schema from "effect/Schema"
import { choice, count } from "../quantity.ts"
import { plainRouters } from "./routing.ts"

const optional = Schema.optionalKey

export const handoverSchema = Schema.Struct({
  overlap: optional(
    choice(
      ["layer-wise", "after-prefill"],
      "When keys and values leave: each layer as it is computed, or all when the prompt is done; default layer-wise"
    )
  ),
  router: optional(
    choice(plainRouters, "Which replica of the decode pools goes on with a request; default least-requests")
  ),
  mixing: optional(
    Schema.Struct({
      promptTokens: optional(
        count(1e9, "Prompt tokens queued at a replica beyond which prompts go elsewhere; default 8192", 8192, 0)
      )
    }).annotate({
      expected: "a map with promptTokens; {} for the default",
      description:
        "Replicas of both sides stand in for one another, as in Splitwise's mixed pool: decode replicas compute prompts where those queue, prefill replicas write answers where decode replicas have no room; pools of role both beside them serve requests whole; default: neither"
    })
  )
}).annotate({ description: "How requests get from prefill pools to decode pools" })
