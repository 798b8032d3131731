/**
 * TensorRT-LLM with prompts apart from answers: context and generation servers of `trtllm-serve`, and `trtllm-serve
 * disaggregated` before them with their addresses (NVIDIA/TensorRT-LLM, docs/source/features/disagg-serving.md and
 * docs/source/commands/trtllm-serve, "Multi-node Serving with Slurm"; 1.0 and later).
 *
 * - A context server does without the overlap scheduler, which is not supported there.
 * - The buffer of a transfer should hold the longest prompt.
 */
import type { ResolvedServing } from "../../../scenario/index.ts"
import type { Distribution, WorkloadSpec } from "../../../serving/index.ts"
import type { LaunchFile } from "../file.ts"
import { tensorRtServer } from "../tensorrt-llm.ts"
import { placementOf, type Places, type Placement } from "./places.ts"
import type { ApartPool } from "./pools.ts"
import { fleetTitle, pooledRemarks, unsaidHandover } from "./said.ts"
import { devicesOf, fleetScript, gathered, ofServer, type ServerCommand } from "./script.ts"

const port = 8000
const firstPort = (pool: ApartPool): number => 8100 + 100 * pool.index

export const tensorRtApart = (
  resolved: ResolvedServing,
  pools: readonly ApartPool[]
): LaunchFile | { readonly none: string } => {
  const placement = placementOf(pools)
  if ("uneven" in placement)
    return { none: `TensorRT-LLM: a server of ${placement.uneven.name} fills no whole number of nodes` }
  const { workload } = resolved.job
  const longest = longestPrompt(workload)
  const isWide = placement.places.some(({ span }) => span > 1)
  return {
    name: "tensorrt-llm",
    title: fleetTitle("TensorRT-LLM", pools),
    language: "bash",
    text: fleetScript({
      placement,
      files: pools.flatMap((pool) => optionsFile(pool, longest)),
      server: serverOf,
      router: routerLines(placement)
    }),
    remarks: [
      ...(longest === undefined ? ["max_tokens_in_buffer of both files: your longest prompt"] : []),
      ...(isWide ? ["servers of several nodes are started by Slurm, from the first node of each"] : []),
      ...pooledRemarks(pools, ({ server }) => tensorRtServer(server).remarks),
      ...unsaidHandover(resolved)
    ]
  }
}

const fileOf = (pool: ApartPool): string => `${pool.role === "prefill" ? "context" : "generation"}-${pool.index}.yaml`

const optionsFile = (pool: ApartPool, longest: number | undefined): readonly string[] => [
  "",
  `cat > ${fileOf(pool)} <<'END'`,
  ...(pool.role === "prefill" ? ["disable_overlap_scheduler: true"] : []),
  "cache_transceiver_config:",
  "  backend: DEFAULT",
  ...(longest === undefined ? [] : [`  max_tokens_in_buffer: ${longest}`]),
  ...tensorRtServer(pool.server).options,
  "END"
]

/** Its addresses go into the YAML of the server before them. */
const routerLines = ({ places }: Placement): readonly string[] => {
  const side = (role: ApartPool["role"], name: string): readonly string[] => {
    const own = places.filter(({ pool }) => pool.role === role)
    return gathered(own, name, (one, address) => [`"${address}:${ofServer(one, firstPort(one.pool), 1)}"`])
  }
  return [
    "contexts=() generations=()",
    ...side("prefill", "contexts"),
    ...side("decode", "generations"),
    "{",
    `  printf '%s\\n' "hostname: 0.0.0.0" "port: ${port}" "backend: pytorch"`,
    `  printf '%s\\n' "context_servers:" "  num_instances: \${#contexts[@]}"`,
    `  printf '%s\\n' "  urls:"`,
    `  printf '    - "%s"\\n' "\${contexts[@]}"`,
    `  printf '%s\\n' "generation_servers:" "  num_instances: \${#generations[@]}"`,
    `  printf '%s\\n' "  urls:"`,
    `  printf '    - "%s"\\n' "\${generations[@]}"`,
    "} > disaggregated.yaml",
    "trtllm-serve disaggregated -c disaggregated.yaml"
  ]
}

const serverOf = (places: Places): ServerCommand => {
  const { pool, span, size } = places
  const { start, flags } = tensorRtServer(pool.server)
  // Slurm starts a process for each accelerator, on all of a server's nodes.
  const wide = ["srun", "-N", String(span), "--ntasks", String(span * size), "--ntasks-per-node", String(size)]
  return {
    before: span === 1 ? [] : ['[ "$rank" -eq 0 ] || exit 0', `own=$(IFS=,; echo "\${NODES[*]:$1:${span}}")`],
    environment: devicesOf(places),
    start: span === 1 ? start : [...wide, "--mpi=pmix"],
    flags: span === 1 ? flags : [],
    expanded: [
      ...(span === 1 ? [] : ['-w "$own" trtllm-llmapi-launch', `  ${start.join(" ")}`]),
      ...(span === 1
        ? []
        : flags.flatMap(([flag, value]) => (value === undefined ? [] : [`${flag} ${String(value)}`]))),
      `--host 0.0.0.0 --port ${ofServer(places, firstPort(pool), 1)}`,
      `--backend pytorch --extra_llm_api_options ${fileOf(pool)}`
    ]
  }
}

/** Tokens; undefined where nothing says what the longest is. */
const longestPrompt = ({ arrivals, classes }: WorkloadSpec): number | undefined => {
  if (arrivals.kind === "trace")
    return arrivals.trace.promptTokens.reduce((most, tokens) => Math.max(most, tokens), 0) || undefined
  const each = classes.map(({ prompt, sharedPrefix, conversation }) => {
    const own = conversation === null ? longestOf(prompt) : undefined
    return own === undefined ? undefined : Math.ceil(own) + (sharedPrefix?.tokens ?? 0)
  })
  return each.includes(undefined) ? undefined : Math.max(...each.map((tokens) => tokens ?? 0))
}

const longestOf = (distribution: Distribution): number | undefined => {
  switch (distribution.kind) {
    case "constant":
      return distribution.value
    case "uniform":
    case "zipf":
    case "lognormal":
      return distribution.high
    case "histogram":
      return distribution.edges.at(-1)
    case "empirical":
      return Math.max(...distribution.values)
    default:
      return undefined
  }
}
