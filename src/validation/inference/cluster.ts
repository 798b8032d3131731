/**
 * Which machines of the catalogue a measurement of inference ran on.
 *
 * The accelerator: by the catalogue's names and aliases, else by the words of its name. The system: a site that the
 * source names, else the usual machine of that accelerator.
 */
import { accelerators, find, isUnknownName, systems, type Accelerator, type System } from "../../catalog/index.ts"
import type { ClusterInput } from "../cluster-rule.ts"
import type { InferencePoint } from "./point.ts"
import { countOf, isRefused, type Refusal } from "./reading.ts"

export interface ServingCluster {
  readonly input: ClusterInput & { readonly acceleratorsPerNode?: number }
  readonly accelerator: Accelerator
  /** Accelerators that the point names; undefined where it is silent. */
  readonly accelerators: number | undefined
  readonly assumptions: readonly string[]
}

/** Ways to write an accelerator that the catalogue's names and aliases do not have. First match wins. */
const names: readonly { readonly match: RegExp; readonly accelerator: string }[] = [
  { match: /gb300/i, accelerator: "gb300" },
  { match: /gb200/i, accelerator: "gb200" },
  { match: /b300/i, accelerator: "b300-sxm" },
  { match: /b200/i, accelerator: "b200-sxm" },
  { match: /(rtx)?.*pro.*6000|6000.*(pro|blackwell)/i, accelerator: "rtx-pro-6000-blackwell" },
  { match: /gh200.*(144|141)|144 ?gb.*gh200/i, accelerator: "gh200-144gb" },
  { match: /gh200|grace.?hopper/i, accelerator: "gh200-96gb" },
  { match: /h200/i, accelerator: "h200-sxm" },
  { match: /h100.*(500 ?w|96 ?gb|hbm2e)/i, accelerator: "h100-96gb-500w" },
  { match: /h100.*nvl/i, accelerator: "h100-nvl" },
  { match: /h100.*pci/i, accelerator: "h100-pcie" },
  { match: /h100/i, accelerator: "h100-sxm" },
  { match: /h800/i, accelerator: "h800-sxm" },
  { match: /\bh20\b/i, accelerator: "h20" },
  { match: /a100.*pci.*40|a100.*40.*pci/i, accelerator: "a100-pcie-40gb" },
  { match: /a100.*pci/i, accelerator: "a100-pcie-80gb" },
  { match: /a100.*40/i, accelerator: "a100-sxm-40gb" },
  { match: /a100/i, accelerator: "a100-sxm-80gb" },
  { match: /v100.*16/i, accelerator: "v100-sxm2-16gb" },
  { match: /v100/i, accelerator: "v100-sxm2-32gb" },
  { match: /mi355x?/i, accelerator: "mi355x" },
  { match: /mi325x?/i, accelerator: "mi325x" },
  { match: /mi300x?/i, accelerator: "mi300x" },
  { match: /mi250x?/i, accelerator: "mi250x" },
  { match: /gaudi ?-?3/i, accelerator: "gaudi3" },
  { match: /l40s/i, accelerator: "l40s" },
  { match: /\bl4\b/i, accelerator: "l4" },
  { match: /\ba10g?\b/i, accelerator: "a10g" },
  { match: /\ba40\b/i, accelerator: "a40" },
  { match: /a6000/i, accelerator: "rtx-a6000" },
  { match: /6000.*ada/i, accelerator: "rtx-6000-ada" },
  { match: /5000.*ada/i, accelerator: "rtx-5000-ada" },
  { match: /4000.*ada/i, accelerator: "rtx-4000-ada" },
  { match: /5090/i, accelerator: "rtx-5090" },
  { match: /4090/i, accelerator: "rtx-4090" },
  { match: /4080/i, accelerator: "rtx-4080" },
  { match: /4070/i, accelerator: "rtx-4070-ti" },
  { match: /3090/i, accelerator: "rtx-3090" },
  { match: /3080.*ti/i, accelerator: "rtx-3080-ti" },
  { match: /3080/i, accelerator: "rtx-3080" },
  { match: /3070/i, accelerator: "rtx-3070" },
  { match: /m3.*max/i, accelerator: "apple-m3-max" },
  { match: /m2.*ultra/i, accelerator: "apple-m2-ultra" },
  { match: /m1.*max/i, accelerator: "apple-m1-max" },
  { match: /\bm1\b/i, accelerator: "apple-m1" }
]

/** The card of a module. */
const cards: Readonly<Record<string, string>> = {
  "h100-sxm": "h100-pcie",
  "a100-sxm-80gb": "a100-pcie-80gb",
  "a100-sxm-40gb": "a100-pcie-40gb"
}

/** The usual machine where the catalogue has several with the same accelerator. */
const usual: Readonly<Record<string, string>> = {
  gb300: "gb300-nvl72",
  gb200: "gb200-nvl72",
  "b300-sxm": "dgx-b300",
  "b200-sxm": "dgx-b200",
  "h200-sxm": "dgx-h200",
  "h100-sxm": "dgx-h100",
  "a100-sxm-80gb": "dgx-a100",
  "a100-sxm-40gb": "gcp-a2-highgpu-8g",
  "a100-pcie-40gb": "a100-pcie-8x",
  "v100-sxm2-16gb": "dgx-1v",
  "v100-sxm2-32gb": "dgx-1v",
  "rtx-3090": "rtx-3090-8x",
  "rtx-4090": "rtx-4090-8x"
}

/** Sites that sources name. First match wins. */
const sites: readonly { readonly gpu: string; readonly match: RegExp; readonly system: string }[] = [
  { gpu: "a100-sxm-80gb", match: /jean.?zay/i, system: "jean-zay-a100" },
  { gpu: "h100-sxm", match: /jean.?zay/i, system: "jean-zay-h100" },
  { gpu: "a100-sxm-80gb", match: /superpod|selene|infiniband/i, system: "selene" },
  { gpu: "a100-sxm-40gb", match: /gcp|google/i, system: "gcp-a2-highgpu-8g" },
  { gpu: "a100-sxm-80gb", match: /gcp|google/i, system: "gcp-a2-ultragpu-8g" },
  { gpu: "a100-sxm-40gb", match: /azure/i, system: "azure-ndv4-40gb" },
  { gpu: "a100-sxm-80gb", match: /azure/i, system: "azure-ndv4-80gb" },
  { gpu: "h100-sxm", match: /azure/i, system: "azure-ndv5" },
  { gpu: "a100-sxm-40gb", match: /\bp4d\b|aws/i, system: "aws-p4d" },
  { gpu: "a100-sxm-80gb", match: /\bp4de\b|aws/i, system: "aws-p4de" },
  { gpu: "h100-sxm", match: /\bp5\b|aws/i, system: "aws-p5" }
]

const words = (value: unknown): string => (typeof value === "string" ? value : "")

/** An accelerator as a source writes it, such as "NVIDIA H100-PCIe-80GB" or "apple-m2-ultra-76". */
export const acceleratorOf = (written: string, interconnect: string): Accelerator | undefined => {
  const plain = written.replace(/\(.*?\)/g, "").trim()
  const named = find("accelerators", plain)
  const found = isUnknownName(named) ? names.find(({ match }) => match.test(plain))?.accelerator : named.name
  // "H100-80GB" alone is the module of an NVLink board, unless the wires say otherwise.
  const isCard = /pci/i.test(interconnect) && !/nvl|nvswitch|sxm|infinity|xgmi/i.test(`${interconnect} ${plain}`)
  const card = isCard ? cards[found ?? ""] : undefined
  return accelerators.find((entry) => entry.name === (card ?? found))
}

const systemOf = (accelerator: Accelerator, site: string): System | undefined => {
  const chosen =
    sites.find(({ gpu, match }) => gpu === accelerator.name && match.test(site))?.system ?? usual[accelerator.name]
  return (
    systems.find((entry) => entry.name === chosen) ?? systems.find((entry) => entry.accelerator === accelerator.name)
  )
}

/** Accelerators that the layout multiplies out to, where it is stated. */
const productOf = (point: InferencePoint): number | undefined | Refusal => {
  const { tp, pp, dp, replicas } = point.parallel
  if (tp === null || tp === undefined) return undefined
  let product = 1
  for (const [size, field] of [
    [tp, "parallel.tp"],
    [pp, "parallel.pp"],
    [dp, "parallel.dp"],
    [replicas, "parallel.replicas"]
  ] as const) {
    const count = countOf(size, field)
    if (isRefused(count)) return count
    product *= count ?? 1
  }
  return product
}

export const servingClusterOf = (point: InferencePoint): ServingCluster | Refusal => {
  const said = point.cluster
  const wires = `${words(said.intra)} ${words(said.inter)}`
  const written = said.gpu ?? said.gpu_family ?? ""
  const accelerator = acceleratorOf(written, wires)
  if (accelerator === undefined) {
    return { reason: written === "" ? "the accelerator is not given" : "the accelerator is not in the catalogue" }
  }
  const assumptions: string[] = []
  const site = `${wires} ${point.source}`
  const system = systemOf(accelerator, site)
  if (system === undefined) return { reason: "no system of the catalogue has the accelerator" }
  const stated = countOf(said.n ?? said.gpus, "cluster.n")
  if (isRefused(stated)) return stated
  const nodes = countOf(said.nodes, "cluster.nodes")
  if (isRefused(nodes)) return nodes
  const perNode = countOf(said.gpus_per_node, "cluster.gpus_per_node")
  if (isRefused(perNode)) return perNode
  const product = productOf(point)
  if (isRefused(product)) return product
  const count = stated ?? product ?? (nodes === undefined ? undefined : nodes * (perNode ?? system.acceleratorsPerNode))
  if (count === undefined) return { reason: "the number of accelerators is not given" }
  // Machines without a network hold all the cards that were used.
  const holds =
    perNode ?? (system.network === null ? Math.max(system.acceleratorsPerNode, count) : system.acceleratorsPerNode)
  if (holds !== system.acceleratorsPerNode) assumptions.push(`${holds} accelerators in a node of ${system.name}`)
  if (system.network !== null && count > holds && words(said.inter) === "")
    assumptions.push(`network of ${system.name}`)
  return {
    input: {
      system: system.name,
      ...(system.accelerator === accelerator.name ? {} : { accelerator: accelerator.name }),
      accelerators: count,
      ...(holds === system.acceleratorsPerNode ? {} : { acceleratorsPerNode: holds })
    },
    accelerator,
    accelerators: stated ?? product,
    assumptions
  }
}
