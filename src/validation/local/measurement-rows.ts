/**
 * Measurements of a machine of one's own: a table of scenarios, changes of them, and what was measured.
 *
 *     scenario,set,metric,value
 *     my-cluster.yaml,,iterationSeconds,12.3
 *     my-cluster.yaml,training.microBatch=2;training.recompute=none,tflopsPerAccelerator,151
 *     my-cluster.yaml,,collectives,all_reduce.txt
 *     my-server.yaml,,bench,bench.json
 *     my-server.yaml,,log,requests.jsonl
 */
import { nearestNames } from "../../catalog/index.ts"

/** What may be measured; the text says what stands in the column `value`. */
export const localMetrics = {
  iterationSeconds: "seconds of a training iteration",
  tokensPerSecond: "tokens a second in training",
  tflopsPerAccelerator: "TFLOP/s per accelerator as the stack's logs count",
  bench: "the result of vllm bench serve (--save-result)",
  log: "a log of requests (JSON lines with vLLM's timestamps), to be replayed",
  collectives: "the output of nccl-tests",
  kernels: "a table of matrix multiplications (m, n, k, time)"
} as const

/** "; did you mean iterationSeconds?", or nothing where no metric is spelled alike. */
const near = (written: string): string => {
  const names = nearestNames(written, Object.keys(localMetrics))
  return names.length === 0 ? "" : `; did you mean ${names.join(", ")}?`
}

export type LocalMetric = keyof typeof localMetrics

export interface MeasurementRow {
  readonly line: number
  readonly scenario: string
  readonly set: readonly string[]
  readonly metric: LocalMetric
  /** A number, or the path of a file for bench, log, collectives and kernels. */
  readonly value: number | string
}

export interface RowProblem {
  readonly _tag: "RowProblem"
  readonly line: number
  readonly given: string
  readonly expected: string
}

const header = ["scenario", "set", "metric", "value"] as const
const files: readonly string[] = ["bench", "log", "collectives", "kernels"]

/** Cells of a line; a cell in quotes may hold commas, and two quotes for one. */
const cellsOf = (line: string): readonly string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain?.trim() ?? ""
  )

const problem = (line: number, given: string, expected: string): RowProblem => ({
  _tag: "RowProblem",
  line,
  given: given.slice(0, 80),
  expected
})

export const parseRows = (text: string): readonly MeasurementRow[] | RowProblem => {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/)
  const columns = cellsOf(lines[0] ?? "").map((name) => name.toLowerCase())
  const at = header.map((name) => columns.indexOf(name))
  if (at[0] === -1 || at[2] === -1 || at[3] === -1)
    return problem(1, lines[0] ?? "", `a header with the columns ${header.join(", ")}`)
  const rows: MeasurementRow[] = []
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.trim() === "" || line.startsWith("#")) continue
    const cells = cellsOf(line)
    const [scenario = "", set = "", metric = "", written = ""] = at.map((column) => cells[column] ?? "")
    if (scenario === "") return problem(index + 1, line, "a scenario in every row: a file, or a shipped one's name")
    if (!Object.hasOwn(localMetrics, metric))
      return problem(index + 1, metric, `a metric: one of ${Object.keys(localMetrics).join(", ")}${near(metric)}`)
    const name = metric as LocalMetric
    const value = files.includes(name) ? written : Number(written)
    const isValid = typeof value === "string" ? value !== "" : written !== "" && Number.isFinite(value) && value > 0
    if (!isValid) return problem(index + 1, written, `${localMetrics[name]}${typeof value === "string" ? "" : ", a positive number"}`) // prettier-ignore
    rows.push({
      line: index + 1,
      scenario,
      set: set
        .split(";")
        .map((one) => one.trim())
        .filter((one) => one !== ""),
      metric: name,
      value
    })
  }
  return rows.length === 0 ? problem(2, lines[1] ?? "", "at least one measurement") : rows
}
