/**
 * A Schema's complaint as findings: one a leaf, with path, what was given, what was expected and the nearest names.
 */
import type * as SchemaAST from "effect/SchemaAST"
import type * as SchemaIssue from "effect/SchemaIssue"
import { nearestNames } from "../catalog/index.ts"
import { show, type Finding, type Path } from "./issue.ts"

/** Findings of a Schema issue about `data`; decode with `errors: "all"`. */
export const findingsOf = (issue: SchemaIssue.Issue, data: unknown): readonly Finding[] => collect(issue, [], data)

/** @param within the Schema of the map that holds the value, which knows what a missing field should be */
const collect = (issue: SchemaIssue.Issue, path: Path, data: unknown, within?: SchemaAST.AST): readonly Finding[] => {
  switch (issue._tag) {
    case "Filter":
      return issue.issue._tag === "InvalidValue"
        ? [wrongValue(path, data, boundOf(issue.filter.annotations))]
        : collect(issue.issue, path, data)
    case "Encoding":
      return collect(issue.issue, path, data)
    case "Pointer":
      return collect(issue.issue, [...path, ...issue.path.map(step)], data, within)
    case "Composite":
      return issue.issues.flatMap((part) => collect(part, path, data, issue.ast))
    case "AnyOf": {
      // The alternatives' own complaints only help where one of them was entered and failed further inside.
      const inside = issue.issues
        .flatMap((part) => collect(part, path, data))
        .filter((found) => found.path.length > path.length)
      if (inside.length > 0) return inside
      const said = textOf(issue.ast.annotations, "expected")
      return [wrongValue(path, data, said ?? expectedOf(issue.ast), namesIn(issue.ast))]
    }
    case "MissingKey":
      return [{ path, at: "key", problem: "is missing", given: "nothing", expected: expectedAt(within, path) }]
    case "UnexpectedKey":
      return [unknownKey(path, issue.ast)]
    case "InvalidValue":
      return [wrongValue(path, data, textOf(issue.annotations, "expected") ?? "another value")]
    case "InvalidType":
      return [wrongValue(path, data, expectedOf(issue.ast))]
    default:
      return [wrongValue(path, data, "another value")]
  }
}

const step = (key: PropertyKey): string | number => (typeof key === "symbol" ? String(key) : key)

const textOf = (annotations: Readonly<Record<string, unknown>> | undefined, key: string): string | undefined => {
  const found = annotations?.[key]
  return typeof found === "string" ? found : undefined
}

/** What a check wants; the catalogue's Schemas say it in a message that starts with "expected". */
const boundOf = (annotations: Readonly<Record<string, unknown>> | undefined): string =>
  textOf(annotations, "message")?.replace(/^expected /, "") ?? textOf(annotations, "expected") ?? "another value"

const wrongValue = (path: Path, data: unknown, expected: string, names: readonly string[] = []): Finding => {
  const value = valueAt(data, path)
  const given = show(value)
  return {
    path,
    problem: `given ${given}`,
    given,
    expected,
    nearest: typeof value === "string" && names.length > 0 ? nearestNames(value, names) : []
  }
}

const unknownKey = (path: Path, ast: SchemaAST.AST): Finding => {
  const key = String(path.at(-1) ?? "")
  const keys = ast._tag === "Objects" ? ast.propertySignatures.map((signature) => String(signature.name)) : []
  const nearest = nearestNames(key, keys)
  return {
    path,
    at: "key",
    problem: `there is no field ${show(key)} here`,
    given: show(key),
    expected: fieldsText(keys),
    nearest
  }
}

/** The fields that a map may have, in a line or two. */
export const fieldsText = (keys: readonly string[]): string =>
  keys.length <= 10 ? `one of ${keys.join(", ")}` : "a field that `windtunnel schema` lists"

const expectedAt = (within: SchemaAST.AST | undefined, path: Path): string => {
  const fields = within?._tag === "Objects" ? within.propertySignatures : []
  const field = fields.find((signature) => signature.name === path.at(-1))
  return field === undefined ? "a value" : expectedOf(field.type)
}

const expectedOf = (ast: SchemaAST.AST): string => {
  const said = textOf(ast.annotations, "expected")
  if (said !== undefined) return said
  switch (ast._tag) {
    case "Objects":
      return `a map with fields such as ${ast.propertySignatures
        .slice(0, 3)
        .map((signature) => String(signature.name))
        .join(", ")}`
    case "Arrays":
      return "a list"
    case "Union":
      return ast.types.map(expectedOf).join(" or ")
    case "Literal":
      return String(ast.literal)
    case "String":
      return "text"
    case "Number":
      return "a number"
    case "Boolean":
      return "true or false"
    default:
      return "another value"
  }
}

/** The words that a choice offers. */
const namesIn = (ast: SchemaAST.AST): readonly string[] =>
  ast._tag === "Union" ? ast.types.flatMap(namesIn) : ast._tag === "Literal" ? [String(ast.literal)] : []

/** The value at a path, or undefined. */
export const valueAt = (data: unknown, path: Path): unknown => {
  let value = data
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined
    value = Reflect.get(value, step)
  }
  return value
}
