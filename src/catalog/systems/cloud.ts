/**
 * Machines of cloud providers.
 */
import { bigScience, fromMemory, mlEngineeringNetwork, trainingPower } from "../citations.ts"
import type { System } from "../types.ts"

export const cloud: readonly System[] = [
  {
    name: "aws-p4d",
    title: "AWS p4d.24xlarge",
    aliases: ["p4d", "p4d.24xlarge"],
    accelerator: "a100-sxm-40gb",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "nvlink3", domain: 8, topology: "switch" },
    network: { link: "efa-v1", nicsPerNode: 4, oversubscription: 1 },
    nodeWatts: 2500,
    hostMemoryBytes: 1152e9,
    notes: [],
    sources: {
      default: mlEngineeringNetwork,
      nodeWatts: "assumed: 2.5 to 3 kW besides the accelerators of an 8-GPU node",
      hostMemoryBytes: fromMemory
    }
  },
  {
    name: "aws-p4de",
    title: "AWS p4de.24xlarge",
    aliases: ["p4de", "p4de.24xlarge"],
    accelerator: "a100-sxm-80gb",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "nvlink3", domain: 8, topology: "switch" },
    network: { link: "efa-v1", nicsPerNode: 4, oversubscription: 1 },
    nodeWatts: 2500,
    hostMemoryBytes: 1152e9,
    notes: [],
    sources: {
      default: mlEngineeringNetwork,
      nodeWatts: "assumed: 2.5 to 3 kW besides the accelerators of an 8-GPU node",
      hostMemoryBytes: fromMemory
    }
  },
  {
    name: "aws-p5",
    title: "AWS p5.48xlarge",
    aliases: ["p5", "p5.48xlarge"],
    accelerator: "h100-sxm",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "nvlink4", domain: 8, topology: "switch" },
    network: { link: "efa-v2", nicsPerNode: 32, oversubscription: 1 },
    nodeWatts: 2800,
    hostMemoryBytes: 2048e9,
    notes: [],
    sources: {
      default: mlEngineeringNetwork,
      nodeWatts: trainingPower
    }
  },
  {
    name: "aws-p5en",
    title: "AWS p5en.48xlarge",
    aliases: ["p5en", "p5en.48xlarge"],
    accelerator: "h200-sxm",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "nvlink4", domain: 8, topology: "switch" },
    network: { link: "efa-v3", nicsPerNode: 16, oversubscription: 1 },
    nodeWatts: 2800,
    hostMemoryBytes: 2048e9,
    notes: [],
    sources: {
      default: mlEngineeringNetwork,
      nodeWatts: "assumed as DGX H100",
      hostMemoryBytes: fromMemory
    }
  },
  {
    name: "aws-p6-b200",
    title: "AWS p6-b200.48xlarge",
    aliases: ["p6-b200", "p6-b200.48xlarge"],
    accelerator: "b200-sxm",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "nvlink5", domain: 8, topology: "switch" },
    network: { link: "efa-v4", nicsPerNode: 8, oversubscription: 1 },
    nodeWatts: 3700,
    hostMemoryBytes: 2048e9,
    notes: [],
    sources: {
      default: mlEngineeringNetwork,
      nodeWatts: "rated 14.3 kW; assumed to draw 82 % of it, as measured on DGX H100",
      hostMemoryBytes: fromMemory
    }
  },
  {
    name: "aws-p6-b300",
    title: "AWS p6-b300.48xlarge",
    aliases: ["p6-b300"],
    accelerator: "b300-sxm",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "nvlink5", domain: 8, topology: "switch" },
    network: { link: "efa-v4", nicsPerNode: 16, oversubscription: 1 },
    nodeWatts: 3700,
    hostMemoryBytes: 4096e9,
    notes: [],
    sources: {
      default: mlEngineeringNetwork,
      nodeWatts: "assumed as DGX B200",
      hostMemoryBytes: fromMemory
    }
  },
  {
    name: "aws-g5",
    title: "AWS g5.48xlarge",
    aliases: ["g5.48xlarge"],
    accelerator: "a10g",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "pcie4x16", domain: 8, topology: "pcie" },
    network: { link: "efa-v1", nicsPerNode: 1, oversubscription: 1 },
    nodeWatts: 600,
    hostMemoryBytes: 768e9,
    notes: [],
    sources: {
      default: fromMemory,
      nodeWatts: "assumed"
    }
  },
  {
    name: "azure-ndv4-40gb",
    title: "Azure ND A100 v4, 40 GB",
    aliases: ["azure-ndv4"],
    accelerator: "a100-sxm-40gb",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "nvlink3", domain: 8, topology: "switch" },
    network: { link: "ib-hdr", nicsPerNode: 8, oversubscription: 1 },
    nodeWatts: 2500,
    hostMemoryBytes: 900e9,
    notes: ["about 1.5 of 1.6 Tb/s were clocked in an all-reduce"],
    sources: {
      default: bigScience,
      nodeWatts: "assumed: 2.5 to 3 kW besides the accelerators of an 8-GPU node",
      hostMemoryBytes: fromMemory
    }
  },
  {
    name: "azure-ndv4-80gb",
    title: "Azure NDm A100 v4, 80 GB",
    aliases: ["azure-ndmv4"],
    accelerator: "a100-sxm-80gb",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "nvlink3", domain: 8, topology: "switch" },
    network: { link: "ib-hdr", nicsPerNode: 8, oversubscription: 1 },
    nodeWatts: 2500,
    hostMemoryBytes: 1900e9,
    notes: [],
    sources: {
      default: bigScience,
      nodeWatts: "assumed: 2.5 to 3 kW besides the accelerators of an 8-GPU node",
      hostMemoryBytes: fromMemory
    }
  },
  {
    name: "azure-ndv5",
    title: "Azure ND H100 v5",
    accelerator: "h100-sxm",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "nvlink4", domain: 8, topology: "switch" },
    network: { link: "ib-ndr", nicsPerNode: 8, oversubscription: 1 },
    nodeWatts: 2800,
    hostMemoryBytes: 1900e9,
    notes: [],
    sources: {
      default: fromMemory,
      nodeWatts: trainingPower
    }
  },
  {
    name: "gcp-a2-highgpu-8g",
    title: "Google Cloud a2-highgpu-8g",
    aliases: ["a2-highgpu-8g"],
    accelerator: "a100-sxm-40gb",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "nvlink3", domain: 8, topology: "switch" },
    network: { link: "ethernet-100g", nicsPerNode: 1, oversubscription: 1 },
    nodeWatts: 2500,
    hostMemoryBytes: 680e9,
    notes: ["100 Gb/s for the machine"],
    sources: {
      default: fromMemory,
      nodeWatts: "assumed: 2.5 to 3 kW besides the accelerators of an 8-GPU node"
    }
  },
  {
    name: "gcp-a2-ultragpu-8g",
    title: "Google Cloud a2-ultragpu-8g",
    aliases: ["a2-ultragpu-8g"],
    accelerator: "a100-sxm-80gb",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "nvlink3", domain: 8, topology: "switch" },
    network: { link: "ethernet-100g", nicsPerNode: 1, oversubscription: 1 },
    nodeWatts: 2500,
    hostMemoryBytes: 1360e9,
    notes: ["100 Gb/s for the machine"],
    sources: {
      default: fromMemory,
      nodeWatts: "assumed: 2.5 to 3 kW besides the accelerators of an 8-GPU node"
    }
  },
  {
    name: "gcp-a3-highgpu-8g",
    title: "Google Cloud a3-highgpu-8g",
    aliases: ["a3-highgpu-8g", "gcp-a3-high"],
    accelerator: "h100-sxm",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "nvlink4", domain: 8, topology: "switch" },
    network: { link: "ethernet-200g", nicsPerNode: 4, oversubscription: 1 },
    nodeWatts: 2800,
    hostMemoryBytes: 1872e9,
    notes: ["four adapters serve the GPUs, one more the host"],
    sources: {
      default: fromMemory,
      nodeWatts: trainingPower
    }
  },
  {
    name: "gcp-a3-megagpu-8g",
    title: "Google Cloud a3-megagpu-8g",
    aliases: ["a3-megagpu-8g", "gcp-a3-mega"],
    accelerator: "h100-sxm",
    acceleratorsPerNode: 8,
    nodes: null,
    scaleUp: { link: "nvlink4", domain: 8, topology: "switch" },
    network: { link: "ethernet-200g", nicsPerNode: 8, oversubscription: 1 },
    nodeWatts: 2800,
    hostMemoryBytes: 1872e9,
    notes: ["eight adapters serve the GPUs, one more the host"],
    sources: {
      default: fromMemory,
      nodeWatts: trainingPower
    }
  }
]
