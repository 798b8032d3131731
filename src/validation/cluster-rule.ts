/**
 * Which system of the catalogue a measurement ran on.
 */
import { accelerators, systems, type Accelerator } from "../catalog/index.ts"
import type { Measurement } from "./measurement.ts"
import { numberOf, type Refusal } from "./reading.ts"
import { sourceFamily } from "./source-family.ts"

export interface ClusterInput {
  readonly system?: string
  readonly accelerator?: string
  readonly accelerators: number
  readonly network?: { readonly link: string; readonly nicsPerNode: number }
}

export interface PlacedCluster {
  readonly input: ClusterInput
  readonly accelerator: Accelerator
  readonly acceleratorsPerNode: number
  readonly assumptions: readonly string[]
}

/** First match wins. */
const names: readonly { readonly match: RegExp; readonly accelerator: string; readonly system: string }[] = [
  { match: /GB300/i, accelerator: "gb300", system: "gb300-nvl72" },
  { match: /GB200/i, accelerator: "gb200", system: "gb200-nvl72" },
  { match: /B300/i, accelerator: "b300-sxm", system: "dgx-b300" },
  { match: /B200/i, accelerator: "b200-sxm", system: "dgx-b200" },
  { match: /H200/i, accelerator: "h200-sxm", system: "dgx-h200" },
  { match: /H100.*(500 ?W|96 ?GB)/i, accelerator: "h100-96gb-500w", system: "dgx-h100" },
  { match: /H100.*NVL/i, accelerator: "h100-nvl", system: "h100-nvl-8x" },
  { match: /H100.*PCI/i, accelerator: "h100-pcie", system: "h100-pcie-8x" },
  { match: /H100/i, accelerator: "h100-sxm", system: "dgx-h100" },
  { match: /H800/i, accelerator: "h800-sxm", system: "hgx-h800" },
  { match: /\bH20\b/i, accelerator: "h20", system: "hgx-h20" },
  { match: /A100.*PCI/i, accelerator: "a100-pcie-80gb", system: "a100-pcie-8x" },
  { match: /A100.*40 ?GB/i, accelerator: "a100-sxm-40gb", system: "dgx-a100" },
  { match: /A100/i, accelerator: "a100-sxm-80gb", system: "dgx-a100" },
  { match: /V100/i, accelerator: "v100-sxm2-32gb", system: "dgx-1v" },
  { match: /MI355X/i, accelerator: "mi355x", system: "mi355x-8x" },
  { match: /MI325X/i, accelerator: "mi325x", system: "mi325x-8x" },
  { match: /MI300X/i, accelerator: "mi300x", system: "mi300x-8x" },
  { match: /MI250X/i, accelerator: "mi250x", system: "mi250x-frontier" },
  { match: /L40S/i, accelerator: "l40s", system: "l40s-8x-pcie" }
]

interface SystemRule {
  readonly gpu: RegExp
  /** Tried on the interconnect's words and on the family of the source. */
  readonly match: RegExp
  readonly system: string
}

/** Sites with a network of their own. First match wins. */
const sites: readonly SystemRule[] = [
  { gpu: /V100/i, match: /omni-?path|bigscience/i, system: "jean-zay-v100-quad" },
  { gpu: /A100/i, match: /omni-?path|bigscience/i, system: "jean-zay-a100" },
  { gpu: /A100/i, match: /selene|hdr|superpod|^sc21$|^korthikanti$|^mt-nlg$/i, system: "selene" },
  { gpu: /A100/i, match: /llm-foundry|roce/i, system: "mosaic-a100-oci" },
  { gpu: /H100-80GB/i, match: /llm-foundry/i, system: "mosaic-h100" },
  { gpu: /H100/i, match: /^llama3$/i, system: "meta-llama3" },
  { gpu: /A100/i, match: /\bp4de\b/i, system: "aws-p4de" },
  { gpu: /A100/i, match: /\bp4d\b/i, system: "aws-p4d" },
  { gpu: /H100/i, match: /\bp5\b|\befa\b/i, system: "aws-p5" },
  { gpu: /A100.*40/i, match: /azure/i, system: "azure-ndv4-40gb" },
  { gpu: /A100/i, match: /azure/i, system: "azure-ndv4-80gb" },
  { gpu: /H100/i, match: /azure/i, system: "azure-ndv5" }
]

/** A bare "400 Gbps" is what a node has; cards of the generation's usual rate carry it. */
const nodeNetwork = (words: string, hopper: boolean): ClusterInput["network"] => {
  const found = /^\s*(\d+(?:\.\d+)?)\s*([GT])bps\s*(?:\/\s*node|per node)?\s*$/i.exec(words)
  if (found === null) return undefined
  const gigabits = Number(found[1]) * (found[2]?.toUpperCase() === "T" ? 1000 : 1)
  const card = hopper ? { link: "ib-ndr", gigabits: 400 } : { link: "ib-hdr", gigabits: 200 }
  return { link: card.link, nicsPerNode: Math.max(1, Math.round(gigabits / card.gigabits)) }
}

export const clusterOf = (point: Measurement): PlacedCluster | Refusal => {
  const said = point.cluster ?? {}
  const gpu = said.gpu ?? said.gpu_family ?? ""
  const named =
    names.find(({ match }) => match.test(gpu)) ?? names.find(({ match }) => match.test(said.gpu_family ?? ""))
  const accelerator = accelerators.find((entry) => entry.name === named?.accelerator)
  if (named === undefined || accelerator === undefined) return { reason: "the accelerator is not in the catalogue" }
  const words = said.inter ?? ""
  const family = sourceFamily(point)
  const site = sites.find((rule) => rule.gpu.test(gpu) && (rule.match.test(words) || rule.match.test(family)))
  const system = systems.find((entry) => entry.name === (site?.system ?? named.system))
  if (system === undefined) return { reason: "the system is not in the catalogue" }

  const perNode = numberOf(said.gpus_per_node)
  const nodes = numberOf(said.nodes)
  const product = productOf(point)
  const count =
    numberOf(said.gpus) ??
    product ??
    (nodes === undefined ? undefined : nodes * (perNode ?? system.acceleratorsPerNode))
  if (count === undefined) return { reason: "the number of accelerators is not given" }
  const assumptions: string[] = []
  const network = site === undefined ? nodeNetwork(words, !/^[av]100/.test(named.accelerator)) : undefined
  if (site === undefined && network === undefined && words === "" && count > system.acceleratorsPerNode) {
    assumptions.push(`network of ${system.name}`)
  }
  const input: ClusterInput = {
    system: system.name,
    ...(system.accelerator === accelerator.name ? {} : { accelerator: accelerator.name }),
    accelerators: count,
    ...(network === undefined ? {} : { network })
  }
  return { input, accelerator, acceleratorsPerNode: perNode ?? system.acceleratorsPerNode, assumptions }
}

/** Accelerators by the layout, where the layout is complete. */
const productOf = (point: Measurement): number | undefined => {
  const { tp, pp, dp, cp } = point.parallel ?? {}
  const sizes = [numberOf(tp), numberOf(pp), numberOf(dp)]
  if (sizes.includes(undefined)) return undefined
  return sizes.reduce<number>((product, size) => product * (size ?? 1), numberOf(cp) ?? 1)
}
