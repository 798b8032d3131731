/**
 * Routing and admission as written, and what in them cannot be.
 */
import { poolsOf, type RequestClass, type ServingJob } from "../../serving/index.ts"
import type { Finding } from "../issue.ts"
import type { ServingScenario } from "../schema.ts"

type Written = ServingScenario["serving"]

export const routingOf = ({ routing }: Written): Pick<ServingJob, "routing"> =>
  routing === undefined
    ? {}
    : {
        routing: {
          loadWeight: routing.loadWeight ?? 1,
          knows: routing.knows ?? "index",
          indexBlocks: routing.indexBlocks ?? 0,
          isLogged: routing.log ?? false
        }
      }

type WrittenClass = NonNullable<ServingScenario["workload"]["classes"]>[number]

export const classRoutingOf = ({
  share,
  admission
}: Partial<WrittenClass>): Pick<RequestClass, "share" | "admission"> => ({
  ...(share === undefined ? {} : { share }),
  ...(admission === undefined ? {} : { admission })
})

/** Admission needs a goal; a router that knows caches needs some; shares need an order that heeds them. */
export const findUnroutable = (job: ServingJob, { serving, workload }: ServingScenario): readonly Finding[] => {
  const findings: Finding[] = []
  const pools = poolsOf(job)
  for (const [index, { admission, objectives }] of job.workload.classes.entries())
    if (admission !== undefined && objectives.ttftSeconds === undefined)
      findings.push({
        path: ["workload", "classes", index, "admission"],
        at: "key",
        problem: "there is no goal that could be missed",
        given: admission,
        expected: "slo.ttft beside it, or in the workload"
      })
  const shared = (workload.classes ?? []).findIndex(({ share }) => share !== undefined)
  if (shared >= 0 && pools.every(({ batching }) => batching.order !== "fair"))
    findings.push({
      path: ["workload", "classes", shared, "share"],
      at: "key",
      problem: "nothing goes by shares",
      given: "share",
      expected: "serving.batching.order: fair, or nothing"
    })
  if (serving.routing?.loadWeight !== undefined && serving.router !== "prefix-aware")
    findings.push({
      path: ["serving", "routing", "loadWeight"],
      at: "key",
      problem: `the router is ${serving.router ?? "round-robin"}`,
      given: "loadWeight",
      expected: "serving.router: prefix-aware, or nothing"
    })
  if (serving.router === "prefix-aware" && pools.every(({ cache }) => !cache.prefixCaching))
    findings.push({
      path: ["serving", "router"],
      problem: "no replica keeps prefixes",
      given: "prefix-aware",
      expected: "serving.kvCache.prefixCaching: true, or another router"
    })
  return findings
}
