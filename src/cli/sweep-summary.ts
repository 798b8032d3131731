/**
 * What a sweep prints when it is done: what came of its points, and the best of them.
 */
import { isSweepProblem, tableOf, type SweepRow } from "../planner/index.ts"
import { variedColumns } from "../report/index.ts"
import { formatCount, formatFigures } from "../units/index.ts"
import { objectiveOf } from "./sweep-row.ts"
import { sweepTableText } from "./sweep-table.ts"

const mostShown = 10

/** What came of a sweep, and how. */
export interface SweepEnd {
  readonly name: string
  readonly rows: readonly SweepRow[]
  /** Points that were not there before. */
  readonly simulated: number
  readonly total: number
  readonly seconds: number
}

/** @param store as it may be shown */
export const sweepSummary = (scenario: string, store: string, done: SweepEnd): string => {
  const counts = new Map<string, number>()
  for (const row of done.rows) counts.set(String(row["status"]), (counts.get(String(row["status"])) ?? 0) + 1)
  const isServing = done.rows.some((row) => row["verdict"] !== undefined)
  const objective = isServing ? "requestsPerSecond" : "tokensPerSecondPerAccelerator"
  const hasSeeds = new Set(done.rows.map((row) => row["seed"])).size > 1
  const varied = [...variedColumns(done.rows), ...(hasSeeds ? ["seed"] : [])]
  const shown = isServing
    ? ["requestsPerSecond", "ttftP99", "tpotP99", "verdict"]
    : ["iterationSeconds", "tokensPerSecondPerAccelerator", "modelFlopsUtilisation", "memoryBytes"]
  const hasBest = done.rows.some((row) => objectiveOf(row) !== undefined)
  const table = hasBest
    ? tableOf(done.rows, { columns: [...varied, ...shown], where: "status == 'ok'", sort: [`${objective}:desc`] })
    : undefined
  const kinds = [...counts].map(([status, count]) => `${formatCount(count)} ${status}`).join(", ")
  return [
    done.name,
    `${formatCount(done.rows.length)} of ${formatCount(done.total)} points: ${kinds}`,
    `${formatCount(done.simulated)} simulated now${done.simulated > 0 ? ` in ${done.seconds.toFixed(1)} s, ${formatFigures(done.simulated / done.seconds)} a second` : ""}`,
    "",
    ...(table === undefined || isSweepProblem(table)
      ? ["no point can run; the reasons: windtunnel results --columns status,reason"]
      : [sweepTableText({ ...table, rows: table.rows.slice(0, mostShown) })]),
    "",
    `all rows: windtunnel results ${store} --sort ${objective}:desc`,
    `charts: windtunnel report ${store}`,
    `again: windtunnel sweep ${scenario} ... does only what is missing`
  ].join("\n")
}
