/**
 * SGLang with prompts apart from answers: servers with `--disaggregation-mode` behind its router (sgl-project/sglang,
 * docs/advanced_features/pd_disaggregation.md and router.md).
 *
 * - Keys and values go by NIXL, which needs no names of network adapters; SGLang's default is Mooncake.
 * - Each server for prompts has a bootstrap port of its own, which the router is told beside its address.
 * - Ports of servers on a node are 100 apart, since groups that attend for themselves take those that follow.
 */
import type { ResolvedServing } from "../../../scenario/index.ts"
import type { LaunchFile } from "../file.ts"
import { sglangServer } from "../sglang.ts"
import { placementOf, type Places } from "./places.ts"
import type { ApartPool } from "./pools.ts"
import { fleetTitle, pooledRemarks, routerPolicies, unsaidHandover } from "./said.ts"
import { devicesOf, fleetScript, gathered, ofServer, type ServerCommand } from "./script.ts"

const port = 8000
const apart = 100
const firstPort = (pool: ApartPool): number => 30_000 + 1000 * pool.index
const bootstrapPort = (pool: ApartPool): number => 8998 + 100 * pool.index

export const sglangApart = (
  resolved: ResolvedServing,
  pools: readonly ApartPool[]
): LaunchFile | { readonly none: string } => {
  const placement = placementOf(pools)
  if ("uneven" in placement)
    return { none: `SGLang: a server of ${placement.uneven.name} fills no whole number of nodes` }
  const { prefill, decode, remarks } = routerPolicies(resolved, {
    "round-robin": "round_robin",
    random: "random",
    "power-of-two": "power_of_two",
    "prefix-aware": "cache_aware"
  })
  return {
    name: "sglang",
    title: fleetTitle("SGLang", pools),
    language: "bash",
    text: fleetScript({
      placement,
      server: serverOf,
      router: [
        "servers=()",
        ...gathered(placement.places, "servers", (places, address) => {
          const { pool } = places
          const url = `"http://${address}:${ofServer(places, firstPort(pool), apart)}"`
          return pool.role === "prefill"
            ? [`--prefill ${url}`, ofServer(places, bootstrapPort(pool), 1)]
            : [`--decode ${url}`]
        }),
        "python -m sglang_router.launch_router --pd-disaggregation \\",
        `  --prefill-policy ${prefill} --decode-policy ${decode} \\`,
        `  --host 0.0.0.0 --port ${port} "\${servers[@]}"`
      ]
    }),
    remarks: [
      "needs `pip install nixl sglang-router`",
      ...pooledRemarks(pools, ({ server }) => sglangServer(server, 1).remarks),
      ...unsaidHandover(resolved),
      ...remarks,
      ...pools.flatMap(({ name, role, server }) =>
        role === "decode" && server.job.target.layout.pipeline > 1
          ? [`${name}: pipeline stages for answers need a release that has them, which the first of 0.5 are not`]
          : []
      )
    ]
  }
}

const serverOf = (places: Places): ServerCommand => {
  const { pool, span } = places
  const { start, flags } = sglangServer(pool.server, 1)
  return {
    environment: devicesOf(places),
    start,
    flags: [...flags, ["--disaggregation-mode", pool.role], ["--disaggregation-transfer-backend", "nixl"]],
    expanded: [
      `--host 0.0.0.0 --port ${ofServer(places, firstPort(pool), apart)}`,
      ...(pool.role === "prefill"
        ? [`--disaggregation-bootstrap-port ${ofServer(places, bootstrapPort(pool), 1)}`]
        : []),
      ...(span === 1 ? [] : [`--nnodes ${span} --node-rank "$rank" --dist-init-addr "$head:5000"`])
    ]
  }
}
