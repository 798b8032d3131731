/**
 * Links between an accelerator and its host; also those between accelerators that have no other.
 */
import { dataSheetFromMemory, gtcSlides, mlEngineeringNetwork, nccl } from "../citations.ts"
import type { Link } from "../types.ts"

const ncclPciLatency = `${nccl}: PCIe, ring, LL protocol`

export const host: readonly Link[] = [
  {
    name: "nvlink-c2c",
    title: "NVLink-C2C between a GPU and its Grace processor",
    kind: "host",
    bytesPerSecond: 450e9,
    latencySeconds: 0.6e-6,
    collectiveShare: 0.8,
    pointToPointShare: 0.83,
    inNetworkReduction: false,
    isCoherent: true,
    sources: { default: "assumed as NVLink 4", bytesPerSecond: mlEngineeringNetwork }
  },
  {
    name: "pcie3x16",
    title: "PCI Express 3, 16 lanes",
    aliases: ["pcie3"],
    kind: "host",
    bytesPerSecond: 15.75e9,
    latencySeconds: 1e-6,
    collectiveShare: 0.76,
    pointToPointShare: 0.8,
    inNetworkReduction: false,
    sources: {
      default: dataSheetFromMemory,
      latencySeconds: ncclPciLatency,
      collectiveShare: `${nccl}: 12 of 15.75 GB/s`,
      pointToPointShare: "assumed"
    }
  },
  {
    name: "pcie4x16",
    title: "PCI Express 4, 16 lanes",
    aliases: ["pcie4"],
    kind: "host",
    bytesPerSecond: 31.5e9,
    latencySeconds: 1e-6,
    collectiveShare: 0.76,
    pointToPointShare: 0.8,
    inNetworkReduction: false,
    sources: {
      default: mlEngineeringNetwork,
      latencySeconds: ncclPciLatency,
      collectiveShare: `${gtcSlides}: all-reduce at 24 of 31.5 GB/s`,
      pointToPointShare: "assumed"
    }
  },
  {
    name: "pcie5x16",
    title: "PCI Express 5, 16 lanes",
    aliases: ["pcie5"],
    kind: "host",
    bytesPerSecond: 63e9,
    latencySeconds: 1e-6,
    collectiveShare: 0.76,
    pointToPointShare: 0.8,
    inNetworkReduction: false,
    sources: {
      default: mlEngineeringNetwork,
      latencySeconds: ncclPciLatency,
      collectiveShare: `${gtcSlides}: all-reduce at 48 of 63 GB/s`,
      pointToPointShare: "assumed"
    }
  },
  {
    name: "pcie6x16",
    title: "PCI Express 6, 16 lanes",
    aliases: ["pcie6"],
    kind: "host",
    bytesPerSecond: 121e9,
    latencySeconds: 1e-6,
    collectiveShare: 0.76,
    pointToPointShare: 0.8,
    inNetworkReduction: false,
    sources: {
      default: "assumed as PCI Express 5",
      bytesPerSecond: mlEngineeringNetwork,
      latencySeconds: ncclPciLatency
    }
  },
  {
    name: "unified-memory",
    title: "Memory that processor and GPU share; nothing is copied",
    kind: "host",
    bytesPerSecond: 400e9,
    latencySeconds: 0.1e-6,
    collectiveShare: 1,
    pointToPointShare: 1,
    inNetworkReduction: false,
    sources: { default: "assumed; no traffic crosses it on a machine with one GPU" }
  }
]
