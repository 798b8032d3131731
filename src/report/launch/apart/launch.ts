/**
 * What starts a fleet whose prompts and answers are apart: every engine's servers and what divides the requests, the scenario's
 * own engine first; and of each that cannot, why.
 */
import type { ResolvedServing } from "../../../scenario/index.ts"
import { benchmarkLaunch } from "../benchmark.ts"
import type { LaunchFile } from "../file.ts"
import { engineOf, type Engine } from "../server.ts"
import { apartPools, type ApartPool } from "./pools.ts"
import { sglangApart } from "./sglang.ts"
import { tensorRtApart } from "./tensorrt-llm.ts"
import { vllmApart } from "./vllm.ts"

export const apartLaunch = (resolved: ResolvedServing): readonly LaunchFile[] => {
  const benchmark = benchmarkLaunch(resolved)
  const found = apartPools(resolved)
  if ("none" in found) return [withRemarks(benchmark, [`no engine's commands start this fleet: ${found.none}`])]
  const own = ownEngine(found.pools)
  const made = [vllmApart, tensorRtApart, sglangApart].map((launch) => launch(resolved, found.pools))
  const files = made.flatMap((one) => ("none" in one ? [] : [one]))
  const without = made.flatMap((one) => ("none" in one ? [`no commands of ${one.none}`] : []))
  const odd = foreign(found.pools)
  return [
    ...files
      .toSorted((one, other) => Number(other.name === own) - Number(one.name === own))
      .map((file, index) => withRemarks(file, [...odd, ...(index === 0 ? without : [])])),
    files.length === 0 ? withRemarks(benchmark, without) : benchmark
  ]
}

const withRemarks = (file: LaunchFile, remarks: readonly string[]): LaunchFile => ({
  ...file,
  remarks: [...remarks, ...file.remarks]
})

/** The engine of all pools, where it is one. */
const ownEngine = (pools: readonly ApartPool[]): Engine | undefined => {
  const engines = new Set(pools.map(({ server }) => engineOf(server.job)))
  const [only] = engines
  return engines.size === 1 ? only : undefined
}

/** Simulated software that has no servers of the two kinds: the commands are then of today's engines. */
const foreign = (pools: readonly ApartPool[]): readonly string[] => [
  ...new Set(
    pools.flatMap(({ server }) => {
      const { stack, version } = server.job.target
      const told = `${stack.title} ${version}`.trim()
      // Issue 11490 and pull request 8498 there: from 0.6.5 on, one server for prompts and one for answers (PyNcclConnector).
      if (stack.name.startsWith("vllm-v0"))
        return [
          `the simulated ${told} has no servers for prompts apart from answers (engine v0 joins one of each, from 0.6.5 on): these are of a release of today`
        ]
      if (stack.name === "tensorrt-llm" && version.startsWith("0."))
        return [
          `the simulated ${told} has no \`trtllm-serve disaggregated\` with these options, which 1.0 has: these are of 1.0`
        ]
      return engineOf(server.job) === undefined
        ? [`the simulated ${told} has no commands for prompts apart from answers: these are of other engines`]
        : []
    })
  )
]
