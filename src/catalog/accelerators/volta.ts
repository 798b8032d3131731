/**
 * NVIDIA Volta (2017): the first tensor cores.
 */
import type { Accelerator } from "../types.ts"
import { dataSheetFromMemory, llmAnalysis, mlEngineeringNetwork, skypilotPrices } from "../citations.ts"

export const volta: readonly Accelerator[] = [
  {
    name: "v100-sxm2-16gb",
    title: "NVIDIA V100 SXM2 16 GB",
    aliases: ["v100-sxm2-16", "v100-16gb"],
    vendor: "NVIDIA",
    generation: "volta",
    efficiencyClass: "v100",
    year: 2017,
    multiprocessors: 80,
    peakFlops: { fp32: 15.7e12, fp16: 125e12 },
    memory: { bytes: 16e9, bytesPerSecond: 900e9, type: "HBM2" },
    powerWatts: 300,
    scaleUp: "nvlink2",
    host: "pcie3x16",
    pricePerHour: { low: 0.79, high: 0.79 },
    notes: ["no bf16, tf32 or fp8; the fp16 peak is of the tensor cores"],
    sources: {
      default: dataSheetFromMemory,
      "memory.bytesPerSecond": llmAnalysis,
      "peakFlops.fp16": llmAnalysis,
      scaleUp: mlEngineeringNetwork,
      pricePerHour: skypilotPrices
    }
  },
  {
    name: "v100-sxm2-32gb",
    title: "NVIDIA V100 SXM2 32 GB",
    aliases: ["v100-sxm2-32", "v100", "v100-32gb"],
    vendor: "NVIDIA",
    generation: "volta",
    efficiencyClass: "v100",
    year: 2018,
    multiprocessors: 80,
    peakFlops: { fp32: 15.7e12, fp16: 125e12 },
    memory: { bytes: 32e9, bytesPerSecond: 900e9, type: "HBM2" },
    powerWatts: 300,
    scaleUp: "nvlink2",
    host: "pcie3x16",
    pricePerHour: { low: 0.79, high: 0.79 },
    notes: ["no bf16, tf32 or fp8; the fp16 peak is of the tensor cores"],
    sources: {
      default: dataSheetFromMemory,
      "memory.bytesPerSecond": llmAnalysis,
      "peakFlops.fp16": llmAnalysis,
      scaleUp: mlEngineeringNetwork,
      pricePerHour: skypilotPrices
    }
  }
]
