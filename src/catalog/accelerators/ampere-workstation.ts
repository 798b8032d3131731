/**
 * NVIDIA Ampere without HBM: inference and workstation cards.
 */
import type { Accelerator } from "../types.ts"
import { dataSheetFromMemory, hmcPages, launchPriceA6000, llmAnalysis, skypilotPrices } from "../citations.ts"

export const ampereWorkstation: readonly Accelerator[] = [
  {
    name: "a10g",
    title: "NVIDIA A10G",
    vendor: "NVIDIA",
    generation: "ampere",
    efficiencyClass: "ampere",
    year: 2021,
    multiprocessors: 80,
    peakFlops: { fp32: 35e12, tf32: 35e12, bf16: 70e12, fp16: 70e12, int8: 140e12 },
    memory: { bytes: 24e9, bytesPerSecond: 600e9, type: "GDDR6" },
    powerWatts: 300,
    scaleUp: "pcie4x16",
    host: "pcie4x16",
    pricePerHour: { low: 1.58, high: 1.58 },
    notes: ["70 TFLOP/s is the dense fp16 rate with fp32 accumulation; pages that print 125 mean the A10"],
    sources: {
      default: dataSheetFromMemory,
      "peakFlops.fp16": llmAnalysis,
      "memory.bytesPerSecond": llmAnalysis,
      pricePerHour: skypilotPrices
    }
  },
  {
    name: "a40",
    title: "NVIDIA A40",
    vendor: "NVIDIA",
    generation: "ampere",
    efficiencyClass: "ampere",
    year: 2020,
    multiprocessors: 84,
    peakFlops: { fp32: 37.4e12, tf32: 74.8e12, bf16: 149.7e12, fp16: 149.7e12, int8: 299.3e12 },
    memory: { bytes: 48e9, bytesPerSecond: 696e9, type: "GDDR6" },
    powerWatts: 300,
    scaleUp: "pcie4x16",
    host: "pcie4x16",
    notes: ["an NVLink bridge (56 GB/s) joins pairs only; traffic is modelled over PCIe"],
    sources: { default: hmcPages }
  },
  {
    name: "rtx-a6000",
    title: "NVIDIA RTX A6000",
    aliases: ["a6000", "a6000"],
    vendor: "NVIDIA",
    generation: "ampere",
    efficiencyClass: "ampere",
    year: 2020,
    multiprocessors: 84,
    peakFlops: { fp32: 38.7e12, tf32: 77.4e12, bf16: 154.8e12, fp16: 154.8e12, int8: 309.7e12 },
    memory: { bytes: 48e9, bytesPerSecond: 768e9, type: "GDDR6" },
    powerWatts: 300,
    scaleUp: "pcie4x16",
    host: "pcie4x16",
    pricePerHour: { low: 1.09, high: 1.09 },
    purchasePrice: 4649,
    notes: ["an NVLink bridge (56 GB/s) joins pairs only; traffic is modelled over PCIe"],
    sources: {
      default: hmcPages,
      "peakFlops.fp16": llmAnalysis,
      "peakFlops.tf32": dataSheetFromMemory,
      pricePerHour: skypilotPrices,
      purchasePrice: launchPriceA6000
    }
  }
]
