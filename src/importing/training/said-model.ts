/**
 * The model of a script: the catalogue's entry of the same shapes, else an inline one.
 */
import { find, isUnknownName, models, type Model } from "../../catalog/index.ts"
import { sizeText } from "../model-entry.ts"
import { modelFields } from "../model-text.ts"
import { countParameters } from "../../transformer/index.ts"
import type { SaidShape } from "./megatron-shape.ts"
import { assumed, type TrainingRemark } from "./remarks.ts"

export interface SaidModel {
  readonly model: Model
  readonly written: string | Readonly<Record<string, unknown>>
  readonly remarks: readonly TrainingRemark[]
}

/** A model that is named, not described. */
export const namedModel = (name: string, remarks: readonly TrainingRemark[] = []): SaidModel | undefined => {
  const model = find("models", name)
  return isUnknownName(model) ? undefined : { model, written: model.name, remarks }
}

/** Vocabulary of GPT-2, which most scripts without one use. */
const usualVocabulary = 50_257

/** Shapes on which the time of an iteration depends most; what else differs may be the script's way to say it. */
const decisive = ["layers", "hidden", "heads", "keyValueHeads", "headDimension", "feedForward", "gated"] as const
const further = [
  "position",
  "tiedEmbeddings",
  "bias",
  "queryKeyValueBias",
  "normalization",
  "queryKeyNormalization",
  "embeddingNormalization",
  "parallelAttention"
] as const

const same = (one: unknown, other: unknown): boolean => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))

const sorted = (value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1))
    : value

/** A padded vocabulary is a little larger than the catalogue's. */
const isVocabulary = (said: number | undefined, own: number): boolean =>
  said === undefined || (said >= own && said - own <= 1024 && said < own * 1.05)

export const saidModel = ({ shape: said, vocabulary, hints }: SaidShape): SaidModel => {
  // A mixture in every layer leaves no dense block.
  const shape = said.experts?.denseLayers === 0 ? { ...said, feedForward: 0 } : said
  const alike = models.filter(
    (model) =>
      decisive.every((key) => model[key] === shape[key]) &&
      further.every((key) => model[key] === shape[key]) &&
      same(model.experts, shape.experts) &&
      same(model.latentAttention, shape.latentAttention) &&
      same(model.slidingWindow, shape.slidingWindow) &&
      isVocabulary(vocabulary, model.vocabulary)
  )
  const best = chosen(alike, shape.maximumSequence, vocabulary, hints)
  if (best !== undefined)
    return {
      model: best,
      written: best.name,
      remarks: [
        assumed(
          alike.length === 1
            ? `model ${best.name}: the catalogue's entry of these shapes`
            : `model ${best.name}: of the entries of these shapes (${alike.map(({ name }) => name).join(", ")}) the nearest`
        )
      ]
    }
  const words = vocabulary ?? usualVocabulary
  const entry: Model = {
    name: "model",
    title: "model",
    family: "imported",
    ...shape,
    vocabulary: words,
    publishedParameters: null,
    publishedActiveParameters: null,
    notes: [],
    sources: { default: "the flags of a training script" }
  }
  const size = sizeText(countParameters(entry).total)
  const model = { ...entry, name: `imported-${size}`, title: `Imported ${size.toUpperCase()}` }
  const { family: _ours, ...fields } = modelFields(model)
  return {
    model,
    written: { ...fields, family: "imported" },
    remarks: [
      assumed("model: no entry of the catalogue has these shapes, so they stand here"),
      ...(vocabulary === undefined ? [assumed(`a vocabulary of ${words} tokens, as the tokenizer's is not said`)] : [])
    ]
  }
}

const letters = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, "")

/** Named in the script, of its vocabulary, and with its longest sequence. */
const chosen = (
  alike: readonly Model[],
  longest: number,
  vocabulary: number | undefined,
  hints: readonly string[]
): Model | undefined => {
  const score = (model: Model): number =>
    (hints.some((hint) => letters(hint).includes(letters(model.name))) ? 4 : 0) +
    (model.vocabulary === vocabulary ? 2 : 0) +
    (model.maximumSequence === longest ? 1 : 0)
  return alike.toSorted((one, other) => score(other) - score(one))[0]
}
