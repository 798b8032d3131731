/**
 * Nodes and racks by NVIDIA.
 */
import {
  dataSheetFromMemory,
  mlEngineering,
  mlEngineeringNetwork,
  superPodA100,
  superPodH100,
  trainingPower
} from "../citations.ts"
import type { System } from "../types.ts"

export const nvidiaReference: readonly System[] = [
  {
    name: "dgx-1v",
    title: "NVIDIA DGX-1V",
    accelerator: "v100-sxm2-32gb",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "nvlink2", domain: 8, topology: "mesh" },
    network: { link: "ib-edr", nicsPerNode: 4, oversubscription: 1 },
    nodeWatts: 1100,
    hostMemoryBytes: 512e9,
    notes: ["hybrid cube mesh: not all pairs of GPUs share a link"],
    sources: {
      default: dataSheetFromMemory,
      nodeWatts: "rated 3.5 kW less the accelerators"
    }
  },
  {
    name: "dgx-a100",
    title: "NVIDIA DGX A100 80 GB",
    aliases: ["dgx-a100-80gb"],
    accelerator: "a100-sxm-80gb",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "nvlink3", domain: 8, topology: "switch" },
    network: {
      link: "ib-hdr",
      nicsPerNode: 8,
      oversubscription: 1,
      topology: { railOptimised: { nodesPerPod: 20 } }
    },
    nodeWatts: 2500,
    hostMemoryBytes: 2048e9,
    notes: [
      "two more adapters serve storage",
      "all-reduce: 232 GB/s inside a node, 192 between nodes (NVIDIA GTC slides)"
    ],
    sources: {
      default: dataSheetFromMemory,
      "network.topology": superPodA100,
      nodeWatts: "assumed: 2.5 to 3 kW besides the accelerators of an 8-GPU node"
    }
  },
  {
    name: "dgx-h100",
    title: "NVIDIA DGX H100",
    aliases: ["hgx-h100", "eos"],
    accelerator: "h100-sxm",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "nvlink4", domain: 8, topology: "switch" },
    network: {
      link: "ib-ndr",
      nicsPerNode: 8,
      oversubscription: 1,
      topology: { railOptimised: { nodesPerPod: 32 } }
    },
    nodeWatts: 2800,
    hostMemoryBytes: 2048e9,
    notes: ["rated 10.2 kW"],
    sources: {
      default: mlEngineeringNetwork,
      "network.topology": superPodH100,
      nodeWatts: trainingPower
    }
  },
  {
    name: "dgx-h200",
    title: "NVIDIA DGX H200",
    aliases: ["hgx-h200"],
    accelerator: "h200-sxm",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "nvlink4", domain: 8, topology: "switch" },
    network: { link: "ib-ndr", nicsPerNode: 8, oversubscription: 1 },
    nodeWatts: 2800,
    hostMemoryBytes: 2048e9,
    notes: [],
    sources: {
      default: mlEngineeringNetwork,
      nodeWatts: "assumed as DGX H100"
    }
  },
  {
    name: "dgx-b200",
    title: "NVIDIA DGX B200",
    aliases: ["hgx-b200"],
    accelerator: "b200-sxm",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "nvlink5", domain: 8, topology: "switch" },
    network: { link: "ib-ndr", nicsPerNode: 8, oversubscription: 1 },
    nodeWatts: 3700,
    hostMemoryBytes: 2048e9,
    notes: [],
    sources: {
      default: mlEngineering,
      nodeWatts: "rated 14.3 kW; assumed to draw 82 % of it, as measured on DGX H100"
    }
  },
  {
    name: "dgx-b300",
    title: "NVIDIA DGX B300",
    aliases: ["hgx-b300"],
    accelerator: "b300-sxm",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "nvlink5", domain: 8, topology: "switch" },
    network: { link: "ib-xdr", nicsPerNode: 8, oversubscription: 1 },
    nodeWatts: 3700,
    hostMemoryBytes: 2048e9,
    notes: [],
    sources: {
      default: mlEngineering,
      nodeWatts: "assumed as DGX B200"
    }
  },
  {
    name: "gb200-nvl72",
    title: "NVIDIA GB200 NVL72",
    aliases: ["dgx-gb200"],
    accelerator: "gb200",
    acceleratorsPerNode: 4,
    nodes: null,
    scaleUp: { link: "nvlink5", domain: 72, topology: "switch" },
    network: { link: "ib-ndr", nicsPerNode: 4, oversubscription: 1 },
    nodeWatts: 1870,
    hostMemoryBytes: 960e9,
    notes: ["a node is a tray of four GPUs; 18 trays share one NVLink switch domain"],
    sources: {
      default: mlEngineeringNetwork,
      nodeWatts: "120 kW a rack, from memory, divided by 18 trays, less the accelerators"
    }
  },
  {
    name: "gb300-nvl72",
    title: "NVIDIA GB300 NVL72",
    aliases: ["dgx-gb300"],
    accelerator: "gb300",
    acceleratorsPerNode: 4,
    nodes: null,
    scaleUp: { link: "nvlink5", domain: 72, topology: "switch" },
    network: { link: "ib-xdr", nicsPerNode: 4, oversubscription: 1 },
    nodeWatts: 1870,
    hostMemoryBytes: 960e9,
    notes: ["a node is a tray of four GPUs; 18 trays share one NVLink switch domain"],
    sources: {
      default: mlEngineering,
      nodeWatts: "assumed as GB200 NVL72"
    }
  }
]
