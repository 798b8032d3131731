/** What prefill and decode replicas that stand in for one another cannot be asked for together with. */
import { poolsOf, type ServingJob } from "../../serving/index.ts"
import type { Finding } from "../issue.ts"

export const findUnmixable = (job: ServingJob): readonly Finding[] => {
  if (job.handover?.mixing === undefined) return []
  const findings: Finding[] = []
  const cannot = (problem: string, given: string, expected: string): void => {
    findings.push({ path: ["serving", "handover", "mixing"], at: "key", problem, given, expected })
  }
  const pools = poolsOf(job)
  const plain = pools.find(({ adapters }) => adapters === undefined)
  if (plain !== undefined && job.adapterChoice !== undefined)
    cannot(
      `${plain.name} serves no adapters, and would have to`,
      `adapters: false in ${plain.name}`,
      "adapters in every pool or in none, or no handover.mixing"
    )
  return findings
}
