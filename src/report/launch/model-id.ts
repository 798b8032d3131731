/**
 * The name under which an engine downloads a model.
 */
import type { Model } from "../../catalog/index.ts"

/** The Hugging Face name; else the catalogue's own. */
export const modelId = ({ name, aliases = [] }: Model): string => aliases.find((alias) => alias.includes("/")) ?? name

/** A remark where there is nothing to download under that name. */
export const modelRemarks = (model: Model): readonly string[] =>
  modelId(model).includes("/")
    ? []
    : [`"${model.name}" is the catalogue's name: put the path of the weights in its place`]
