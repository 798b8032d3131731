/** What prefill and decode replicas that stand in for one another cannot be asked for together with. */
import { poolsOf, type ServingJob } from "../../serving/index.ts"
import { show, type Finding } from "../issue.ts"
import { plainRouters } from "../schema/routing.ts"

export const findUnmixable = (job: ServingJob): readonly Finding[] => {
  if (job.handover?.mixing === undefined) return []
  const findings: Finding[] = []
  const cannot = (problem: string, given: string, expected: string): void => {
    findings.push({ path: ["serving", "handover", "mixing"], at: "key", problem, given, expected })
  }
  const pools = poolsOf(job)
  const { router } = job.queue
  const whole = pools.find(({ role }) => role === "both")
  if (whole !== undefined)
    cannot(
      `${whole.name} serves requests whole`,
      show(whole.name),
      "pools of role prefill and decode only, or no handover.mixing"
    )
  if (!plainRouters.some((name) => name === router))
    cannot(
      `the router ${router} looks at caches or conversations`,
      router,
      `serving.router: ${plainRouters.join(", ")}`
    )
  const plain = pools.find(({ adapters }) => adapters === undefined)
  if (plain !== undefined && job.adapterChoice !== undefined)
    cannot(
      `${plain.name} serves no adapters, and would have to`,
      `adapters: false in ${plain.name}`,
      "adapters in every pool or in none, or no handover.mixing"
    )
  const tiered = pools.find(({ cache }) => cache.tiers !== undefined)
  if (tiered !== undefined)
    cannot(
      `the cache of ${tiered.name} has tiers, which a prompt on the other side would not find`,
      "kvCache.tiers",
      "no kvCache.tiers, or no handover.mixing"
    )
  return findings
}
