/**
 * The model that a server's command line names.
 */
import type { Model } from "../catalog/index.ts"
import type { ImportedModel } from "./model-entry.ts"
import { findModel, nearestModels, releasedFormat } from "./model-name.ts"
import { modelFields } from "./model-text.ts"
import { refuse, type RefusedImport } from "./refusal.ts"
import { assumed, type Remark } from "./settings.ts"

export interface ServedModel {
  readonly model: Model
  /** What a scenario writes: a name, or an inline entry. */
  readonly written: string | Readonly<Record<string, unknown>>
  /** Format of the released weights; undefined = 16 bits. */
  readonly released: string | undefined
  readonly remarks: readonly Remark[]
}

/**
 * @param name     as the command line has it
 * @param imported the model's own config.json, which goes before the catalogue
 */
export const servedModel = (
  source: string,
  name: string | undefined,
  imported: ImportedModel | undefined
): ServedModel | RefusedImport => {
  if (imported !== undefined) {
    const released = imported.stored?.precision ?? releasedFormat(name ?? "", imported.model.name)
    return { model: imported.model, written: modelFields(imported.model), released, remarks: [] }
  }
  if (name === undefined)
    return refuse({
      source,
      problem: "no model is named",
      given: "nothing",
      expected: "a model, such as meta-llama/Llama-3.1-8B-Instruct"
    })
  const found = findModel(name)
  if (found === undefined)
    return refuse({
      source,
      path: "model",
      problem: `the catalogue has no model "${name}"`,
      given: name,
      expected: "a name from `windtunnel catalog models`, or its shapes with --config config.json",
      nearest: nearestModels(name)
    })
  const { model, isExact, released } = found
  return {
    model,
    written: model.name,
    released,
    remarks: isExact ? [] : [assumed(`model ${model.name}: ${name} is taken to have its shapes`)]
  }
}
