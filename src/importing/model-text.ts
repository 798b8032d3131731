/**
 * An imported model as YAML: a `model:` that a scenario takes as it is.
 */
import { Document, isMap } from "yaml"
import type { Model } from "../catalog/index.ts"
import type { ImportedModel } from "./model-entry.ts"

/** Fields of the entry that say something: what an inline model has anyway is left out. */
export const modelFields = (model: Model): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(model).filter(([key, value]) => !isEmpty(value) && !isUsual(key, value)))

const isEmpty = (value: unknown): boolean => value === null || (Array.isArray(value) && value.length === 0)

/** What an inline model has unless it says otherwise. */
const usual: Readonly<Record<string, unknown>> = {
  queryKeyNormalization: false,
  embeddingNormalization: false,
  parallelAttention: false,
  postNormalization: false
}

const isUsual = (key: string, value: unknown): boolean => Object.hasOwn(usual, key) && usual[key] === value

/** Parameters in words: "30.5 billion parameters (30,532,122,624), 3.35 billion active for a token". */
export const parameterText = ({ total, active }: ImportedModel["parameters"]): string => {
  const all = `${inWords(total)} parameters (${total.toLocaleString("en-US")})`
  return active === total ? all : `${all}, ${inWords(active)} active for a token`
}

const inWords = (count: number): string => {
  const [unit, word] = count >= 1e12 ? [1e12, "trillion"] : count >= 1e9 ? [1e9, "billion"] : [1e6, "million"]
  return `${Number((count / unit).toPrecision(3))} ${word}`
}

/** Remarks above the entry, each one line. */
export const modelRemarks = (imported: ImportedModel): readonly string[] => [
  `${imported.model.title}: ${parameterText(imported.parameters)}`,
  ...storedText(imported),
  ...(imported.sameAs === undefined ? [] : [`the catalogue's ${imported.sameAs} has the same shapes`])
]

const storedText = ({ stored }: ImportedModel): readonly string[] => {
  if (stored === undefined) return []
  const { written, precision } = stored
  const advice = precision === undefined ? "no quantisation of the catalogue" : `serving.precision: ${precision}`
  return [`weights are released as ${written}: ${advice}`]
}

/** The whole document, remarks as comments. */
export const modelText = (imported: ImportedModel): string =>
  yamlText({ model: modelFields(imported.model) }, modelRemarks(imported))

/** YAML with remarks on top; small maps stand on one line. */
export const yamlText = (data: object, remarks: readonly string[]): string => {
  const document = new Document(data)
  flatten(document.contents, 0)
  const comments = remarks.map((remark) => `# ${remark}\n`).join("")
  return `${comments}${document.toString({ lineWidth: 0, flowCollectionPadding: true })}`
}

const longestLine = 90

const flatten = (node: unknown, depth: number): void => {
  if (!isMap(node)) return
  const isSmall = depth >= 1 && JSON.stringify(node).length <= longestLine
  if (depth >= 2 || isSmall) node.flow = true
  else for (const { value } of node.items) flatten(value, depth + 1)
}
