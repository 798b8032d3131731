/**
 * What the report of a sweep is made from.
 */
import type { PredictionInterval } from "../../intervals/index.ts"
import type { Provenance } from "../document.ts"
import { judged, type Judgement } from "./objective.ts"
import { pointsOf, type SweptPoint } from "./points.ts"
import { fieldsOf, variedColumns, type Field, type StoredRow, type SweepValue } from "./row.ts"

export interface SweepFindings {
  readonly name: string
  /** Points of the whole sweep, each seed one, and those of them that are in the store. */
  readonly total: number
  readonly done: number
  /** In the order of the points; those that are reported. */
  readonly rows: readonly StoredRow[]
  /** The condition by which they were picked. */
  readonly where: string | undefined
  /** A column to judge by; undefined = the first that suits. */
  readonly objective: string | undefined
  /** Paths of the fields of the first chart; undefined = those that matter most. */
  readonly x: string | undefined
  readonly y: string | undefined
  /** Of the best point, where its scenario is known: of an iteration; of a first token, of a token, of the throughput. */
  readonly intervals: Partial<Record<"iteration" | "first" | "token" | "throughput", PredictionInterval>> | undefined
  /** What the scenario itself says of the varied fields; undefined = not known. */
  readonly baseline: Readonly<Record<string, SweepValue>> | undefined
  readonly provenance: Provenance
}

/** A sweep looked at: its fields, its points, and what they are judged by. */
export interface StudiedSweep {
  /** Fields that have more than one value; where none has, all of them. */
  readonly fields: readonly Field[]
  readonly points: readonly SweptPoint[]
  /** Undefined where no point can run. */
  readonly judgement: Judgement | undefined
}

export const studiedSweep = (rows: readonly StoredRow[], objective: string | undefined): StudiedSweep => {
  const all = fieldsOf(rows)
  const varied = all.filter(({ values }) => values.length > 1)
  const fields = varied.length === 0 ? all : varied
  const points = pointsOf(rows, fields)
  return { fields, points, judgement: judged(points, objective) }
}

/** The values of the swept fields at the best point. */
export const bestChanges = (
  rows: readonly StoredRow[],
  { judgement }: Pick<StudiedSweep, "judgement">
): Readonly<Record<string, SweepValue>> | undefined => {
  const row = judgement?.ranked[0]?.point.rows[0]
  if (row === undefined) return undefined
  return Object.fromEntries(variedColumns(rows).map((path) => [path, row[path] ?? null]))
}
