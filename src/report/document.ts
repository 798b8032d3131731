/**
 * A report as data: what every form of it (HTML, Markdown, CSV, JSON) is written from. Numbers are in SI units; a column
 * says how they are shown.
 */
import type { Picture } from "../charts/index.ts"
import type { Range } from "../intervals/index.ts"
import type { LaunchFile } from "./launch/file.ts"

export type Cell = string | number | null

export interface Column {
  readonly name: string
  /** Of the numbers: "s", "bytes", "tokens/s", "" for counts and shares. */
  readonly unit: string
  /** How a number of the column is shown to people; default: three figures. */
  readonly show?: (value: number) => string
}

export interface Table {
  readonly name: string
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Cell[])[]
}

/** A number that someone asked for, with what it is measured beside. */
export interface Figure {
  readonly name: string
  readonly value: number | null
  readonly unit: string
  readonly shown: string
  readonly note?: string
  /** "90 %: 87.0 s to 131 s". */
  readonly interval?: string
  /** Between what the measured value lies, in the unit of the value. */
  readonly ranges?: readonly Range[]
}

export type Block =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly string[] }
  | { readonly kind: "picture"; readonly picture: Picture }
  | { readonly kind: "table"; readonly table: Table }
  /** `isFolded`: shown when someone asks. */
  | { readonly kind: "file"; readonly file: LaunchFile; readonly isFolded: boolean }

export interface Section {
  /** For links and file names: "memory". */
  readonly id: string
  readonly title: string
  readonly blocks: readonly Block[]
}

/** Everything that is needed to run it again. */
export interface Provenance {
  readonly version: string
  readonly hash: string
  readonly seed: number
  readonly command: string
  readonly scenario: unknown
  /** Where this simulation differs from a result that was kept. */
  readonly remarks: readonly string[]
}

export interface Report {
  readonly kind: "training" | "serving" | "comparison" | "sweep"
  readonly title: string
  /** Machines, layout, software, workload: parts of a line. */
  readonly about: readonly string[]
  /** The answer in a sentence. */
  readonly answer: string
  readonly figures: readonly Figure[]
  /** How far such predictions have been off. */
  readonly trust: string
  readonly picture: Picture | null
  readonly assumptions: readonly string[]
  readonly sections: readonly Section[]
  /** One a scenario. */
  readonly provenance: readonly Provenance[]
}

export const text = (words: string): Block => ({ kind: "text", text: words })
export const list = (items: readonly string[]): Block => ({ kind: "list", items })
export const picture = (drawn: Picture): Block => ({ kind: "picture", picture: drawn })

/** A table without the columns that no row has anything to say in. */
export const table = (name: string, columns: readonly Column[], rows: Table["rows"]): Block => {
  const isSaid = (cell: Cell | undefined): boolean =>
    cell !== undefined && cell !== null && cell !== "" && !Number.isNaN(cell)
  const kept = columns.map((_, index) => rows.length === 0 || rows.some((row) => isSaid(row[index])))
  return {
    kind: "table",
    table: {
      name,
      columns: columns.filter((_, index) => kept[index]),
      rows: rows.map((row) => row.filter((_, index) => kept[index]))
    }
  }
}
