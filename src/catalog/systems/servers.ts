/**
 * Servers with eight or fewer accelerators, by the accelerator.
 */
import {
  dataSheetFromMemory,
  fromMemory,
  frontierNetwork,
  h20Comparison,
  mlEngineering,
  mlEngineeringNetwork,
  torchtitan
} from "../citations.ts"
import type { System } from "../types.ts"

export const servers: readonly System[] = [
  {
    name: "l40s-8x-pcie",
    title: "8 x L40S over PCIe",
    accelerator: "l40s",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "pcie4x16", domain: 8, topology: "pcie" },
    network: { link: "ib-ndr", nicsPerNode: 1, oversubscription: 1 },
    nodeWatts: 1200,
    hostMemoryBytes: 1024e9,
    notes: [
      "a host without peer-to-peer traffic between sockets reached 2.1 GB/s in an 8-GPU all-reduce (AIConfigurator tables); this entry is a healthy host"
    ],
    sources: {
      default: mlEngineering,
      nodeWatts: "assumed"
    }
  },
  {
    name: "rtx-pro-6000-8x-pcie",
    title: "8 x RTX PRO 6000 Blackwell Server over PCIe",
    accelerator: "rtx-pro-6000-blackwell",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "pcie5x16", domain: 8, topology: "pcie" },
    network: { link: "ib-ndr", nicsPerNode: 1, oversubscription: 1 },
    nodeWatts: 1200,
    hostMemoryBytes: 1024e9,
    notes: [],
    sources: {
      default: "assumed as l40s-8x-pcie"
    }
  },
  {
    name: "a100-pcie-8x",
    title: "8 x A100 80 GB over PCIe",
    accelerator: "a100-pcie-80gb",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "pcie4x16", domain: 8, topology: "pcie" },
    network: { link: "ib-hdr", nicsPerNode: 1, oversubscription: 1 },
    nodeWatts: 1200,
    hostMemoryBytes: 1024e9,
    notes: [],
    sources: {
      default: dataSheetFromMemory,
      nodeWatts: "assumed"
    }
  },
  {
    name: "h100-pcie-8x",
    title: "8 x H100 80 GB over PCIe",
    accelerator: "h100-pcie",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "pcie5x16", domain: 8, topology: "pcie" },
    network: { link: "ib-ndr", nicsPerNode: 1, oversubscription: 1 },
    nodeWatts: 1200,
    hostMemoryBytes: 1024e9,
    notes: [],
    sources: {
      default: mlEngineeringNetwork,
      nodeWatts: "assumed"
    }
  },
  {
    name: "h100-nvl-8x",
    title: "8 x H100 NVL over PCIe",
    accelerator: "h100-nvl",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "pcie5x16", domain: 8, topology: "pcie" },
    network: { link: "ib-ndr", nicsPerNode: 1, oversubscription: 1 },
    nodeWatts: 1200,
    hostMemoryBytes: 1024e9,
    notes: [],
    sources: {
      default: dataSheetFromMemory,
      nodeWatts: "assumed"
    }
  },
  {
    name: "hgx-h800",
    title: "8 x H800",
    accelerator: "h800-sxm",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "nvlink4-h800", domain: 8, topology: "switch" },
    network: { link: "ib-ndr", nicsPerNode: 8, oversubscription: 1 },
    nodeWatts: 2800,
    hostMemoryBytes: 2048e9,
    notes: [],
    sources: {
      default: dataSheetFromMemory,
      nodeWatts: "assumed as DGX H100"
    }
  },
  {
    name: "hgx-h20",
    title: "8 x H20",
    accelerator: "h20",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "nvlink4", domain: 8, topology: "switch" },
    network: { link: "ib-ndr", nicsPerNode: 8, oversubscription: 1 },
    nodeWatts: 2800,
    hostMemoryBytes: 2048e9,
    notes: [],
    sources: {
      default: h20Comparison,
      nodeWatts: "assumed as DGX H100"
    }
  },
  {
    name: "h100-96gb-500w-8x",
    title: "8 x H100 96 GB of 500 W",
    accelerator: "h100-96gb-500w",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "nvlink4", domain: 8, topology: "switch" },
    network: { link: "roce-400", nicsPerNode: 8, oversubscription: 1 },
    nodeWatts: 2800,
    hostMemoryBytes: 2048e9,
    notes: [],
    sources: {
      default: torchtitan,
      nodeWatts: "assumed as DGX H100",
      hostMemoryBytes: "assumed as DGX H100"
    }
  },
  {
    name: "gh200-node",
    title: "GH200 node",
    accelerator: "gh200-96gb",
    acceleratorsPerNode: 1,
    nodes: null,
    scaleUp: { link: "nvlink4", domain: 1, topology: "switch" },
    network: { link: "ib-ndr", nicsPerNode: 1, oversubscription: 1 },
    nodeWatts: 100,
    hostMemoryBytes: 480e9,
    notes: [],
    sources: {
      default: mlEngineeringNetwork,
      nodeWatts: "assumed; the processor counts with the module"
    }
  },
  {
    name: "gh200-144gb-node",
    title: "GH200 144 GB node",
    accelerator: "gh200-144gb",
    acceleratorsPerNode: 1,
    nodes: null,
    scaleUp: { link: "nvlink4", domain: 1, topology: "switch" },
    network: { link: "ib-ndr", nicsPerNode: 1, oversubscription: 1 },
    nodeWatts: 100,
    hostMemoryBytes: 480e9,
    notes: [],
    sources: {
      default: mlEngineeringNetwork,
      nodeWatts: "assumed; the processor counts with the module"
    }
  },
  {
    name: "mi250x-frontier",
    title: "Frontier node: 4 x MI250X",
    accelerator: "mi250x",
    acceleratorsPerNode: 4,
    nodes: null,
    scaleUp: { link: "xgmi3", domain: 4, topology: "mesh" },
    network: {
      link: "slingshot-11",
      nicsPerNode: 4,
      oversubscription: 1,
      topology: { dragonfly: { nodesPerRouter: 4, routersPerGroup: 32, groups: 74, localLinks: 1, globalLinks: 4 } }
    },
    nodeWatts: 700,
    hostMemoryBytes: 512e9,
    notes: [],
    sources: {
      default: dataSheetFromMemory,
      "network.topology": frontierNetwork,
      nodeWatts: "assumed"
    }
  },
  {
    name: "mi300x-8x",
    title: "8 x MI300X",
    accelerator: "mi300x",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "xgmi4", domain: 8, topology: "mesh" },
    network: { link: "roce-400", nicsPerNode: 8, oversubscription: 1 },
    nodeWatts: 2800,
    hostMemoryBytes: 2048e9,
    notes: [],
    sources: {
      default: mlEngineeringNetwork,
      nodeWatts: "assumed as DGX H100",
      network: fromMemory
    }
  },
  {
    name: "mi325x-8x",
    title: "8 x MI325X",
    accelerator: "mi325x",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "xgmi4", domain: 8, topology: "mesh" },
    network: { link: "roce-400", nicsPerNode: 8, oversubscription: 1 },
    nodeWatts: 2800,
    hostMemoryBytes: 2048e9,
    notes: [],
    sources: {
      default: mlEngineeringNetwork,
      nodeWatts: "assumed as DGX H100",
      network: fromMemory
    }
  },
  {
    name: "mi355x-8x",
    title: "8 x MI355X",
    accelerator: "mi355x",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "xgmi4-mi355x", domain: 8, topology: "mesh" },
    network: { link: "roce-400", nicsPerNode: 8, oversubscription: 1 },
    nodeWatts: 3700,
    hostMemoryBytes: 3072e9,
    notes: [],
    sources: {
      default: mlEngineeringNetwork,
      nodeWatts: "assumed as DGX B200",
      network: fromMemory
    }
  },
  {
    name: "gaudi3-8x",
    title: "8 x Gaudi 3",
    accelerator: "gaudi3",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "gaudi3-ethernet", domain: 8, topology: "mesh" },
    network: { link: "roce-200", nicsPerNode: 24, oversubscription: 1 },
    nodeWatts: 2500,
    hostMemoryBytes: 1024e9,
    notes: [],
    sources: {
      default: mlEngineeringNetwork,
      nodeWatts: "assumed"
    }
  }
]
