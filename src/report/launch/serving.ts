/**
 * Everything that starts a simulated server for real, the scenario's own engine first.
 */
import type { ResolvedServing } from "../../scenario/index.ts"
import { apartLaunch } from "./apart/launch.ts"
import { benchmarkLaunch } from "./benchmark.ts"
import type { LaunchFile } from "./file.ts"
import { kubernetesManifest } from "./kubernetes.ts"
import { engineOf } from "./server.ts"
import { sglangLaunch } from "./sglang.ts"
import { tensorRtLaunch } from "./tensorrt-llm.ts"
import { vllmLaunch } from "./vllm.ts"

export const servingLaunch = (resolved: ResolvedServing): readonly LaunchFile[] => {
  if (resolved.job.pools !== undefined) return apartLaunch(resolved)
  const own = engineOf(resolved.job)
  const engines = [vllmLaunch(resolved), tensorRtLaunch(resolved), sglangLaunch(resolved)]
  return [
    ...engines.toSorted((one, other) => Number(other.name === own) - Number(one.name === own)),
    kubernetesManifest(resolved),
    benchmarkLaunch(resolved)
  ]
}
