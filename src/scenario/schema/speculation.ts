/**
 * Speculative decoding of a server.
 */
import * as Schema from "effect/Schema"
import { modelEntry } from "../entries.ts"
import { exactlyOne } from "./exactly-one.ts"
import { count, quantity, text } from "../quantity.ts"

const optional = Schema.optionalKey

const draftModel = Schema.Struct({
  model: modelEntry,
  precision: optional(text("Number format of the draft; default the server's", "bf16"))
}).annotate({
  expected: "a map with the field model",
  description: "A small model with the same vocabulary, which proposes token after token"
})

const head = Schema.Struct({
  layers: optional(count(1000, "Layers of the head; default 1", 1))
}).annotate({
  expected: "a map with the field layers, or {}",
  description: "A head on top of the model that shares its embedding and LM head: EAGLE, multi-token prediction"
})

const ngram = Schema.Struct({}).annotate({
  expected: "{}",
  description: "Proposals are looked up in the prompt and the answer so far: no accelerator time"
})

export const speculationSchema = Schema.Struct({
  tokens: count(64, "Tokens proposed in a step, for each sequence", 4),
  acceptance: optional(
    quantity("fraction", 0, 1, "Chance that a proposal is accepted when those before it were; 0.6 to 0.8 is usual", 0.7)
  ),
  acceptedLength: optional(
    quantity("count", 1, 65, "Tokens that a step emits in the mean, its own one included; instead of acceptance", 2.8)
  ),
  draft: exactlyOne(
    { ngram: optional(ngram), model: optional(draftModel), head: optional(head) },
    "What makes the proposals"
  )
}).annotate({
  expected: "a map with the fields tokens, draft, and acceptance or acceptedLength",
  description: "Tokens guessed ahead and verified in one pass"
})
