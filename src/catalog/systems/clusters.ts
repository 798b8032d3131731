/**
 * Clusters that published training runs used.
 */
import {
  bigScience,
  dataSheetFromMemory,
  fromMemory,
  idris,
  llama3Network,
  llama3Paper,
  llmFoundry,
  megatron2021,
  superPodA100,
  trainingPower
} from "../citations.ts"
import type { System } from "../types.ts"

export const clusters: readonly System[] = [
  {
    name: "jean-zay-v100-quad",
    title: "Jean Zay, 4 x V100 nodes",
    aliases: ["jean-zay-v100"],
    accelerator: "v100-sxm2-32gb",
    acceleratorsPerNode: 4,
    nodes: 612,
    scaleUp: { link: "nvlink2", domain: 4, topology: "mesh" },
    network: { link: "omni-path-100", nicsPerNode: 4, oversubscription: 1 },
    nodeWatts: 800,
    hostMemoryBytes: 192e9,
    notes: ["261 nodes have 32 GB a GPU, 351 have 16 GB", "the network is a hypercube"],
    sources: {
      default: bigScience,
      nodeWatts: "assumed"
    }
  },
  {
    name: "jean-zay-a100",
    title: "Jean Zay, 8 x A100 nodes (BLOOM)",
    accelerator: "a100-sxm-80gb",
    acceleratorsPerNode: 8,
    nodes: 52,
    scaleUp: { link: "nvlink3", domain: 8, topology: "switch" },
    network: { link: "omni-path-100", nicsPerNode: 4, oversubscription: 1 },
    nodeWatts: 2500,
    hostMemoryBytes: 512e9,
    notes: [
      "BLOOM ran on 48 nodes with 4 in reserve",
      "50 GB/s a node nominal; 16.9 GB/s measured by users, 10 to 12 fitted to BLOOM training",
      "a checkpoint of 2.3 TB was saved in 40 s"
    ],
    sources: {
      default: bigScience,
      nodeWatts: "assumed: 2.5 to 3 kW besides the accelerators of an 8-GPU node"
    }
  },
  {
    name: "jean-zay-h100",
    title: "Jean Zay, 4 x H100 nodes",
    accelerator: "h100-sxm",
    acceleratorsPerNode: 4,
    nodes: 364,
    scaleUp: { link: "nvlink4", domain: 4, topology: "switch" },
    network: { link: "ib-ndr", nicsPerNode: 4, oversubscription: 1 },
    nodeWatts: 1400,
    hostMemoryBytes: 512e9,
    notes: ["1,456 GPUs"],
    sources: {
      default: idris,
      network: fromMemory,
      nodeWatts: "assumed: half of DGX H100",
      hostMemoryBytes: fromMemory
    }
  },
  {
    name: "selene",
    title: "NVIDIA Selene",
    aliases: ["selene-megatron"],
    accelerator: "a100-sxm-80gb",
    acceleratorsPerNode: 8,
    nodes: 560,
    scaleUp: { link: "nvlink3", domain: 8, topology: "switch" },
    network: {
      link: "ib-hdr",
      nicsPerNode: 8,
      oversubscription: 1,
      topology: { railOptimised: { nodesPerPod: 20 } }
    },
    nodeWatts: 2500,
    hostMemoryBytes: 2048e9,
    notes: ["three-level fat tree of 850 switches"],
    sources: {
      default: megatron2021,
      "network.topology": superPodA100,
      nodeWatts: "assumed: 2.5 to 3 kW besides the accelerators of an 8-GPU node",
      hostMemoryBytes: dataSheetFromMemory
    }
  },
  {
    name: "meta-llama3",
    title: "Meta, Llama 3 training cluster",
    accelerator: "h100-sxm",
    acceleratorsPerNode: 8,
    nodes: 2048,
    scaleUp: { link: "nvlink4", domain: 8, topology: "switch" },
    network: {
      link: "roce-400",
      nicsPerNode: 8,
      oversubscription: 1,
      topology: {
        fatTree: {
          nodesPerLeaf: 2,
          leavesPerPod: 192,
          oversubscription: [1, 7],
          spread: "hashed",
          flowsPerConnection: 16
        }
      }
    },
    nodeWatts: 2800,
    hostMemoryBytes: 2048e9,
    notes: [
      "16,384 GPUs of a larger cluster",
      "full bisection in a pod of 3,072 GPUs, 1:7 oversubscribed above; jobs were placed to keep heavy traffic inside a pod, so no oversubscription is charged unless a scenario asks for the topology"
    ],
    sources: {
      default: llama3Paper,
      "network.topology": llama3Network,
      nodeWatts: trainingPower,
      hostMemoryBytes: "assumed as DGX H100"
    }
  },
  {
    name: "mosaic-h100",
    title: "MosaicML, H100 cluster",
    accelerator: "h100-sxm",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "nvlink4", domain: 8, topology: "switch" },
    network: { link: "roce-400", nicsPerNode: 8, oversubscription: 1 },
    nodeWatts: 2800,
    hostMemoryBytes: 2048e9,
    notes: [],
    sources: {
      default: llmFoundry,
      network: "3.2 Tb/s a node, RoCE or InfiniBand, from memory",
      nodeWatts: trainingPower,
      hostMemoryBytes: "assumed as DGX H100"
    }
  },
  {
    name: "mosaic-a100-oci",
    title: "MosaicML, A100 40 GB nodes of Oracle Cloud",
    accelerator: "a100-sxm-40gb",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "nvlink3", domain: 8, topology: "switch" },
    network: { link: "roce-200", nicsPerNode: 8, oversubscription: 1 },
    nodeWatts: 2500,
    hostMemoryBytes: 2048e9,
    notes: [],
    sources: {
      default: llmFoundry,
      network: `${llmFoundry}: 1.6 Tb/s a node`,
      nodeWatts: "assumed: 2.5 to 3 kW besides the accelerators of an 8-GPU node",
      hostMemoryBytes: "assumed"
    }
  }
]
