/** Where a finding about a pool stands in the scenario. */
import type { Finding, Path } from "../issue.ts"
import { isFields } from "../merge.ts"

/** Whether a path leads to something that is written, as far as its last step but one. */
const isWritten = (written: unknown, path: Path): boolean => {
  const [step, ...rest] = path
  if (step === undefined) return true
  const within = Array.isArray(written) ? written[Number(step)] : isFields(written) ? written[step] : undefined
  return within !== undefined && (rest.length === 0 || isWritten(within, rest))
}

/**
 * A finding about `serving`, `cluster` or `model` as one about the pool where the pool says so itself, and else about what
 * it shares with the others; either way with the pool's name.
 */
export const inPool = (finding: Finding, index: number, pool: { readonly name: string }): Finding => {
  const [root, ...rest] = finding.path
  const within = root === "serving" ? rest : finding.path
  const path = isWritten(pool, within) || within.length === 0 ? ["serving", "pools", index, ...within] : finding.path
  return { ...finding, path, problem: `${pool.name}: ${finding.problem}` }
}
