/**
 * What a server's command line says, in the words of a scenario, before model and machines are known.
 */

/** Why something of the command line is not in the scenario, or how it came to be there. */
export interface Remark {
  readonly kind: "not modelled" | "assumed" | "unknown"
  readonly text: string
}

/** A stack's name, or a stack with properties replaced. */
export type WrittenStack = string | { readonly extends: string; readonly [property: string]: unknown }

/** A part of a server that a scenario may not be able to say of this model. */
export interface Extra {
  /** As a scenario writes it; undefined = left out, for the reason that a remark says. */
  readonly fields: Readonly<Record<string, unknown>> | undefined
  readonly remarks: readonly Remark[]
}

export interface ServerSettings {
  readonly stack: WrittenStack
  readonly version?: string | undefined
  /** As the command line names it. */
  readonly model: string | undefined
  readonly tensor: number
  readonly pipeline: number
  /** Data-parallel size: copies of a dense model, attention groups of a mixture. */
  readonly data: number
  /** Whether data-parallel ranks share one server's experts and attend apart, whatever the model is. */
  readonly dataAttention: boolean
  /** Expert-parallel ranks; "all" = every rank of a stage. */
  readonly expert: number | "all"
  /** A quantisation of the catalogue; undefined = as the weights were released. */
  readonly precision: string | undefined
  readonly maxSequence: number | undefined
  readonly router: string | undefined
  /** Whether limits of a step are those of one data-parallel rank, as a scenario's are; else they are the server's. */
  readonly limitsAreOfRank: boolean
  readonly batching: Readonly<Record<string, unknown>>
  readonly kvCache: Readonly<Record<string, unknown>>
  /** Bytes of weights that each accelerator leaves in host memory. */
  readonly offloadBytes: number
  /** Share of the memory that weights leave which the KV cache takes (TensorRT-LLM); undefined = a share of all. */
  readonly freeMemoryShare: number | undefined
  readonly queueLimit: number | undefined
  /** LoRA adapters; undefined = not asked for. */
  readonly adapters?: Extra | undefined
  /** Speculative decoding; undefined = not asked for. */
  readonly speculation?: Extra | undefined
  readonly remarks: readonly Remark[]
}

export const notModelled = (text: string): Remark => ({ kind: "not modelled", text })
export const assumed = (text: string): Remark => ({ kind: "assumed", text })

/** Fields that were said; those that were not are left out. */
export const given = (fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

/** A stack with the properties that were said replaced. */
export const stackWith = (name: string, properties: Readonly<Record<string, unknown>>): WrittenStack => {
  const replaced = given(properties)
  return Object.keys(replaced).length === 0 ? name : { extends: name, ...replaced }
}
