/**
 * The measurements that ship with the product, loaded on demand: nothing but `validate` and `calibrate` needs them.
 */

type Load = () => Promise<{ readonly default: unknown }>

const files: Readonly<Record<string, Load>> = {
  "llm-foundry": () => import("./llm-foundry.json", { with: { type: "json" } }),
  "bigscience-prequel": () => import("./bigscience-prequel.json", { with: { type: "json" } }),
  bigscience: () => import("./bigscience.json", { with: { type: "json" } }),
  sc21: () => import("./sc21.json", { with: { type: "json" } }),
  korthikanti: () => import("./korthikanti.json", { with: { type: "json" } }),
  "zero-bubble": () => import("./zero-bubble.json", { with: { type: "json" } }),
  "dgxc-24": () => import("./dgxc-24.json", { with: { type: "json" } }),
  "dgxc-25": () => import("./dgxc-25.json", { with: { type: "json" } }),
  nemo: () => import("./nemo.json", { with: { type: "json" } }),
  "megatron-bridge": () => import("./megatron-bridge.json", { with: { type: "json" } }),
  "megatron-core": () => import("./megatron-core.json", { with: { type: "json" } }),
  "megatron-moe-modelzoo": () => import("./megatron-moe-modelzoo.json", { with: { type: "json" } }),
  "moe-folding": () => import("./moe-folding.json", { with: { type: "json" } }),
  torchtitan: () => import("./torchtitan.json", { with: { type: "json" } }),
  "fms-fsdp": () => import("./fms-fsdp.json", { with: { type: "json" } }),
  pax: () => import("./pax.json", { with: { type: "json" } }),
  others: () => import("./others.json", { with: { type: "json" } })
}

/** Parsed content of every shipped file, by name. */
export const shippedFiles = async (): Promise<readonly { readonly name: string; readonly data: unknown }[]> =>
  Promise.all(Object.entries(files).map(async ([name, load]) => ({ name, data: (await load()).default })))

/** Sweeps of nccl-tests on one node. */
export interface CollectivesFile {
  readonly sources: Readonly<Record<string, string>>
  readonly rows: readonly (readonly [
    accelerator: string,
    collective: string,
    ranks: number,
    bytes: number,
    microseconds: number,
    source: string
  ])[]
}

/** The shipped sweeps of collectives. */
export const shippedCollectives = async (): Promise<CollectivesFile> =>
  (await import("./collectives.json", { with: { type: "json" } })).default as unknown as CollectivesFile
