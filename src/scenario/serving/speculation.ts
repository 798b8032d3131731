/**
 * Speculative decoding as written, with its draft as a target of its own.
 */
import {
  acceptanceFor,
  draftHead,
  type InferenceLayout,
  type InferenceTarget,
  type Speculation
} from "../../inference/index.ts"
import { entryOf } from "../inline.ts"
import type { Finding } from "../issue.ts"
import type { ServingScenario } from "../schema.ts"
import { refuse, undividedHeads } from "../size-checks.ts"
import { isFindings } from "./distribution.ts"
import { precisionOf } from "./precision.ts"

const path = ["serving", "speculation"]

/**
 * The speculation of a server.
 *
 * @param target the server without it
 */
export const speculationOf = (
  written: NonNullable<ServingScenario["serving"]["speculation"]>,
  target: InferenceTarget
): Speculation | readonly Finding[] => {
  const { tokens } = written
  const acceptance = acceptanceOf(written)
  if (typeof acceptance !== "number") return [acceptance]
  const draft = draftOf(written, target)
  if (draft !== null && isFindings(draft)) return draft
  return { tokens, acceptance, draft, sharesEnds: written.draft.head !== undefined }
}

const acceptanceOf = ({
  tokens,
  acceptance,
  acceptedLength
}: NonNullable<ServingScenario["serving"]["speculation"]>): number | Finding => {
  if (acceptance !== undefined && acceptedLength !== undefined)
    return refuse([...path, "acceptedLength"], acceptedLength, "acceptance is given as well", "one of the two")
  if (acceptance !== undefined) return acceptance
  if (acceptedLength === undefined)
    return {
      path: [...path, "acceptance"],
      at: "key",
      problem: "is missing",
      given: "nothing",
      expected: "acceptance: a share such as 0.7, or acceptedLength: tokens a step such as 2.8"
    }
  if (acceptedLength > tokens + 1)
    return refuse(
      [...path, "acceptedLength"],
      acceptedLength,
      `${tokens} proposals and one token of the model's own are fewer`,
      `at most ${tokens + 1}`,
      [tokens + 1]
    )
  return acceptanceFor(tokens, acceptedLength)
}

const draftOf = (
  { draft }: NonNullable<ServingScenario["serving"]["speculation"]>,
  target: InferenceTarget
): InferenceTarget | null | readonly Finding[] => {
  if (draft.ngram !== undefined) return null
  const { speculation: _none, expertRouting: _even, overlapsExchange: _halves, expertExchange, ...bare } = target
  // A head is a layer of the model, and its tokens travel as the model's; a model of its own stays on its ranks.
  const plain = draft.head === undefined || expertExchange === undefined ? bare : { ...bare, expertExchange }
  if (draft.head !== undefined) {
    const layout: InferenceLayout = { ...target.layout, pipeline: 1 }
    return { ...plain, model: draftHead(target.model, draft.head.layers ?? 1), layout, profiles: [], offload: null }
  }
  const model = entryOf("models", draft.model?.model ?? "", [...path, "draft", "model", "model"])
  if (isFindings(model)) return model
  const own = [...path, "draft", "model"]
  if (model.vocabulary !== target.model.vocabulary && !isPadded(model.vocabulary, target.model.vocabulary))
    return [
      refuse(
        [...own, "model"],
        model.name,
        `${model.name} has a vocabulary of ${model.vocabulary}, ${target.model.name} one of ${target.model.vocabulary}`,
        "a model with the same tokens"
      )
    ]
  const undivided = undividedHeads(model, target.layout.tensor, [...own, "model"])
  if (undivided !== undefined) return [undivided]
  const precision =
    draft.model?.precision === undefined ? target.precision : precisionOf(draft.model.precision, target.accelerator)
  if (typeof precision !== "string") return [precision]
  const { tensor, dataAttention } = target.layout
  const layout: InferenceLayout = { tensor, dataAttention, pipeline: 1, expert: 1 }
  return { ...plain, model, precision, layout, profiles: [], offload: null, expertImbalance: 1 }
}

/** Families pad the same tokens to different multiples: 151,936 and 152,064 in Qwen 2.5. */
const isPadded = (one: number, other: number): boolean => Math.abs(one - other) < 512
