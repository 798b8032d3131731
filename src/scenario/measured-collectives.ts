/**
 * Collectives that somebody measured on the cluster: output of nccl-tests, in files or in place.
 */
import { parseNcclTests, type MeasuredCollective } from "../cluster/index.ts"
import { show, type Finding } from "./issue.ts"
import type { ReadText } from "./load.ts"
import type { Scenario } from "./schema.ts"

type Written = NonNullable<Scenario["cluster"]["measuredCollectives"]>

export interface MeasuredCollectives {
  readonly tables: readonly MeasuredCollective[]
  /** The same with the texts in place of paths. */
  readonly portable: Written
}

export const measuredCollectives = (
  written: Written = [],
  readText: ReadText = () => ({ failure: "there are no files here" })
): MeasuredCollectives | readonly Finding[] => {
  const tables: MeasuredCollective[] = []
  const portable: { readonly name: string; readonly table: string }[] = []
  const findings: Finding[] = []
  written.forEach((source, index) => {
    const path = ["cluster", "measuredCollectives", index]
    const name = typeof source === "string" ? source : (source.name ?? `table ${index + 1}`)
    const read = typeof source === "string" ? readText(source) : { text: source.table }
    if ("failure" in read) {
      findings.push({
        path,
        problem: `cannot read ${show(source)}: ${read.failure}`,
        given: show(source),
        expected: "the path of nccl-tests' output, relative to the scenario file"
      })
      return
    }
    const parsed = parseNcclTests(name, read.text)
    if ("_tag" in parsed) {
      const { line, given, expected } = parsed
      findings.push({ path, problem: `${name}:${line} reads ${show(given)}`, given: show(given), expected })
      return
    }
    tables.push(parsed)
    portable.push({ name: name.replace(/^.*[/\\]/, ""), table: read.text })
  })
  return findings.length > 0 ? findings : { tables, portable }
}
