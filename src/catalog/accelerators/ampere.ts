/**
 * NVIDIA A100 (Ampere, 2020).
 */
import type { Accelerator } from "../types.ts"
import {
  aiconfigurator,
  awsBlocks,
  dataSheetFromMemory,
  llmAnalysis,
  mercatus,
  mercatusUsed,
  mlEngineering,
  mlEngineeringNetwork
} from "../citations.ts"

export const ampere: readonly Accelerator[] = [
  {
    name: "a100-sxm-40gb",
    title: "NVIDIA A100 SXM4 40 GB",
    aliases: ["a100-sxm4-40", "a100-40gb"],
    vendor: "NVIDIA",
    generation: "ampere",
    efficiencyClass: "a100",
    year: 2020,
    multiprocessors: 108,
    peakFlops: { fp32: 19.5e12, tf32: 156e12, bf16: 312e12, fp16: 312e12, int8: 624e12 },
    memory: { bytes: 40e9, bytesPerSecond: 1555e9, type: "HBM2" },
    powerWatts: 400,
    scaleUp: "nvlink3",
    host: "pcie4x16",
    pricePerHour: { low: 1.844, high: 2.74 },
    notes: [],
    sources: {
      default: mlEngineering,
      "memory.bytesPerSecond": llmAnalysis,
      scaleUp: mlEngineeringNetwork,
      pricePerHour: awsBlocks
    }
  },
  {
    name: "a100-sxm-80gb",
    title: "NVIDIA A100 SXM4 80 GB",
    aliases: ["a100-sxm4-80", "a100", "a100-80gb", "a100-sxm", "NVIDIA A100-SXM4-80GB"],
    vendor: "NVIDIA",
    generation: "ampere",
    efficiencyClass: "a100",
    year: 2020,
    multiprocessors: 108,
    peakFlops: { fp32: 19.5e12, tf32: 156e12, bf16: 312e12, fp16: 312e12, int8: 624e12 },
    memory: { bytes: 80e9, bytesPerSecond: 2039e9, type: "HBM2e" },
    powerWatts: 400,
    scaleUp: "nvlink3",
    host: "pcie4x16",
    pricePerHour: { low: 0.8, high: 3 },
    purchasePrice: 11500,
    notes: [],
    sources: {
      default: mlEngineering,
      "memory.bytesPerSecond": `${aiconfigurator} and ${llmAnalysis}`,
      scaleUp: mlEngineeringNetwork,
      pricePerHour: mercatus,
      purchasePrice: mercatusUsed
    }
  },
  {
    name: "a100-pcie-40gb",
    title: "NVIDIA A100 PCIe 40 GB",
    aliases: ["a100-pcie-40"],
    vendor: "NVIDIA",
    generation: "ampere",
    efficiencyClass: "a100",
    year: 2020,
    multiprocessors: 108,
    peakFlops: { fp32: 19.5e12, tf32: 156e12, bf16: 312e12, fp16: 312e12, int8: 624e12 },
    memory: { bytes: 40e9, bytesPerSecond: 1555e9, type: "HBM2" },
    powerWatts: 250,
    scaleUp: "pcie4x16",
    host: "pcie4x16",
    notes: [
      "an optional NVLink bridge joins pairs only; traffic is modelled over PCIe",
      "250 W limit: sustained clocks are lower than of the SXM module"
    ],
    sources: {
      default: mlEngineering,
      "memory.bytesPerSecond": `${aiconfigurator} and ${llmAnalysis}`,
      scaleUp: mlEngineeringNetwork,
      powerWatts: dataSheetFromMemory
    }
  },
  {
    name: "a100-pcie-80gb",
    title: "NVIDIA A100 PCIe 80 GB",
    aliases: ["a100-pcie-80", "a100-pcie"],
    vendor: "NVIDIA",
    generation: "ampere",
    efficiencyClass: "a100",
    year: 2021,
    multiprocessors: 108,
    peakFlops: { fp32: 19.5e12, tf32: 156e12, bf16: 312e12, fp16: 312e12, int8: 624e12 },
    memory: { bytes: 80e9, bytesPerSecond: 1935e9, type: "HBM2e" },
    powerWatts: 300,
    scaleUp: "pcie4x16",
    host: "pcie4x16",
    notes: ["an optional NVLink bridge joins pairs only; traffic is modelled over PCIe"],
    sources: {
      default: mlEngineering,
      "memory.bytesPerSecond": `${aiconfigurator} and ${llmAnalysis}`,
      scaleUp: mlEngineeringNetwork
    }
  }
]
