/**
 * Leaves of a Hugging Face config.json: whole numbers with bounds, switches, lists. Each carries the sentence that a
 * refusal gives as `expected`.
 */
import * as Schema from "effect/Schema"

/** A whole number of at least `minimum`. */
export const whole = (what: string, maximum = 10_000_000, minimum = 1) => {
  const expected = `${what}: a whole number from ${minimum} to ${maximum.toLocaleString("en-US")}`
  // The sentence belongs to the type and to both checks: whichever fails says it.
  return Schema.Number.annotate({ expected }).check(
    Schema.isInt({ expected }),
    Schema.isBetween({ minimum, maximum }, { expected })
  )
}

export const optional = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(schema)

export const yesOrNo = (what: string) => optional(Schema.Boolean.annotate({ expected: `${what}: true or false` }))

export const tokens = (what: string) => optional(whole(what, 1_000_000_000))

export const layerTypes = optional(
  Schema.Array(Schema.String).annotate({ expected: 'a list with a text such as "full_attention" for every layer' })
)

/** Fields that most decoders have under the same name. */
export const decoderFields = {
  hidden_size: whole("the hidden width"),
  num_hidden_layers: whole("the number of layers", 100_000),
  num_attention_heads: whole("the number of attention heads", 100_000),
  num_key_value_heads: optional(whole("the number of key-value heads", 100_000)),
  head_dim: optional(whole("the dimension of a head", 100_000)),
  vocab_size: whole("the tokens of the vocabulary"),
  max_position_embeddings: tokens("the longest sequence"),
  tie_word_embeddings: yesOrNo("whether the LM head is the embedding"),
  attention_bias: yesOrNo("whether attention has biases"),
  sliding_window: tokens("the tokens of the sliding window"),
  layer_types: layerTypes
}

export const feedForwardWidth = whole("the width of the feed-forward block")
