/**
 * vLLM with prompts apart from answers: servers with the NixlConnector behind vllm-router (vllm-project/vllm,
 * docs/features/nixl_connector_usage.md and nixl_connector_compatibility.md, docs/serving/data_parallel_deployment.md;
 * vllm-project/router, README.md).
 *
 * - Which side a server is on, the router settles: the connector itself takes no heed of `kv_role`.
 * - The handshake of rank r of a server listens at its port + r, so that servers of a node are as far apart as their accelerators.
 * - A server of groups that attend for themselves over several nodes has one address, its first node's.
 * - The connector moves nothing between pipeline stages (issues 40674 and 52913 there).
 */
import type { ResolvedServing } from "../../../scenario/index.ts"
import type { LaunchFile } from "../file.ts"
import { vllmServer } from "../vllm.ts"
import { placementOf, type Places } from "./places.ts"
import type { ApartPool } from "./pools.ts"
import { fleetTitle, pooledRemarks, routerPolicies, unsaidHandover } from "./said.ts"
import { devicesOf, fleetScript, gathered, ofServer, ownAddress, type ServerCommand } from "./script.ts"

const port = 8000
const firstPort = (pool: ApartPool): number => 8100 + 100 * pool.index
const handshakePort = 5600
const ranksPort = 13345

export const vllmApart = (
  resolved: ResolvedServing,
  pools: readonly ApartPool[]
): LaunchFile | { readonly none: string } => {
  const staged = pools.find(({ server }) => server.job.target.layout.pipeline > 1)
  if (staged !== undefined)
    return { none: `vLLM: its NixlConnector moves no keys and values of pipeline stages, which ${staged.name} has` }
  const placement = placementOf(pools)
  if ("uneven" in placement)
    return { none: `vLLM: a server of ${placement.uneven.name} fills no whole number of nodes` }
  const wide = placement.places.find(({ span, pool }) => span > 1 && ranksOnNode(pool) < 1)
  if (wide !== undefined)
    return { none: `vLLM: a group of ${wide.pool.name} that attends for itself is larger than a node` }
  const { prefill, decode, remarks } = routerPolicies(resolved, {
    "round-robin": "round_robin",
    random: "random",
    "power-of-two": "power_of_two",
    "prefix-aware": "cache_aware",
    session: "consistent_hash"
  })
  const blocks = new Set(pools.map(({ server }) => server.job.cache.blockTokens))
  return {
    name: "vllm",
    title: fleetTitle("vLLM", pools),
    language: "bash",
    text: fleetScript({
      placement,
      server: serverOf,
      router: [
        "servers=()",
        ...gathered(placement.places, "servers", (places, address) => {
          const { role } = places.pool
          return [`--${role} "http://${address}:${ofServer(places, firstPort(places.pool), 1)}"`]
        }),
        "vllm-router --vllm-pd-disaggregation \\",
        `  --prefill-policy ${prefill} --decode-policy ${decode} \\`,
        `  --host 0.0.0.0 --port ${port} "\${servers[@]}"`
      ]
    }),
    remarks: [
      "needs `pip install nixl vllm-router`",
      ...pooledRemarks(pools, ({ server }) => vllmServer(server, 1).remarks),
      ...unsaidHandover(resolved),
      ...remarks,
      ...(blocks.size > 1
        ? ["blocks of two sizes: the connector takes them only where those for prompts are the smaller ones"]
        : [])
    ]
  }
}

/** Groups of a server that attend for themselves, on each of its nodes. */
const ranksOnNode = ({ server, acceleratorsPerNode }: ApartPool): number =>
  Math.floor(acceleratorsPerNode / server.job.target.layout.tensor)

const serverOf = (places: Places): ServerCommand => {
  const { pool, span, first, size } = places
  const { model, flags } = vllmServer(pool.server, 1)
  const ranks = ranksOnNode(pool)
  const role = pool.role === "prefill" ? "kv_producer" : "kv_consumer"
  return {
    before:
      span === 1
        ? []
        : [
            "others=()",
            `start=$((${ranks} * rank))`,
            `[ "$rank" -gt 0 ] && others=(--headless --data-parallel-start-rank $start)`
          ],
    environment: [
      ...devicesOf(places),
      ["VLLM_NIXL_SIDE_CHANNEL_HOST", ownAddress],
      ["VLLM_NIXL_SIDE_CHANNEL_PORT", ofServer(places, handshakePort + first, size)]
    ],
    start: ["vllm", "serve", model],
    flags,
    expanded: [
      `--port ${ofServer(places, firstPort(pool), 1)}`,
      "--kv-transfer-config",
      `  '${JSON.stringify({ kv_connector: "NixlConnector", kv_role: role })}'`,
      ...(span === 1
        ? []
        : [
            `--data-parallel-size-local ${ranks}`,
            `--data-parallel-address "$head" --data-parallel-rpc-port ${ranksPort}`,
            `"\${others[@]}"`
          ])
    ]
  }
}
