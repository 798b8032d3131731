/**
 * Units inside of inline catalogue entries: text such as "40 GB" where the entry's Schema has a number.
 */
import type * as SchemaAST from "effect/SchemaAST"
import { parseQuantity, type Dimension } from "../units/index.ts"
import { show, type Finding, type Path } from "./issue.ts"
import { isFields, type Fields } from "./merge.ts"

/** The dimension of a field follows from its name, in which the catalogue spells the unit. */
const dimensionOf = (path: Path): Dimension => {
  const field = String(path.at(-1) ?? "")
  if (path.at(-2) === "peakFlops") return "flops"
  if (/bytesPerSecond$/i.test(field)) return "bytesPerSecond"
  if (/bytes$/i.test(field)) return "bytes"
  if (/seconds$/i.test(field) || field.startsWith("hostSeconds")) return "time"
  if (/watts$/i.test(field)) return "power"
  if (/price/i.test(field) || path.at(-2) === "pricePerHour") return "money"
  return "count"
}

const samples: Readonly<Record<Dimension, string>> = {
  time: 'a time such as "5 us"',
  bytes: 'a size such as "80 GB"',
  bytesPerSecond: 'a rate such as "600 GB/s"',
  flops: 'a rate such as "312 TFLOP/s"',
  power: 'a power such as "400 W"',
  energy: 'an energy such as "1 kWh"',
  frequency: 'a frequency such as "1.4 GHz"',
  count: 'a number such as 8 or "176B"',
  money: "an amount of dollars such as 2.5",
  fraction: "a share such as 0.8"
}

/** A number from text in the unit that the last steps of its path call for, or what is wrong with it. */
export const readNumber = (text: string, path: Path): number | Finding =>
  parseQuantity(text, dimensionOf(path)) ?? {
    path,
    problem: `given ${show(text)}`,
    given: show(text),
    expected: samples[dimensionOf(path)]
  }

/** `fields` with numbers in place of quantities in text, wherever the Schema wants numbers. */
export const readQuantities = (
  fields: Fields,
  ast: SchemaAST.AST,
  path: Path
): { readonly fields: Fields; readonly findings: readonly Finding[] } => {
  const findings: Finding[] = []
  const read = (value: unknown, ast: SchemaAST.AST | undefined, path: Path): unknown => {
    if (ast === undefined) return value
    if (isFields(value)) {
      return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [key, read(inner, fieldOf(ast, key), [...path, key])])
      )
    }
    if (typeof value !== "string" || !takesNumber(ast)) return value
    const number = readNumber(value, path)
    if (typeof number === "number") return number
    findings.push(number)
    return value
  }
  const result = read(fields, ast, path)
  return { fields: isFields(result) ? result : fields, findings }
}

const fieldOf = (ast: SchemaAST.AST, key: string): SchemaAST.AST | undefined => {
  if (ast._tag === "Union") return ast.types.map((type) => fieldOf(type, key)).find((type) => type !== undefined)
  return ast._tag === "Objects" ? ast.propertySignatures.find((field) => field.name === key)?.type : undefined
}

const takesNumber = (ast: SchemaAST.AST): boolean =>
  ast._tag === "Number" || (ast._tag === "Union" && ast.types.some(takesNumber))
