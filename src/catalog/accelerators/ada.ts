/**
 * NVIDIA Ada: inference and workstation cards.
 */
import type { Accelerator } from "../types.ts"
import { aiconfigurator, dataSheetFromMemory, mlEngineering, skypilotPrices } from "../citations.ts"

export const ada: readonly Accelerator[] = [
  {
    name: "l4",
    title: "NVIDIA L4",
    vendor: "NVIDIA",
    generation: "ada",
    efficiencyClass: "ada",
    year: 2023,
    multiprocessors: 58,
    peakFlops: { fp32: 30.3e12, tf32: 60.5e12, bf16: 121e12, fp16: 121e12, fp8: 242e12, int8: 242e12 },
    memory: { bytes: 24e9, bytesPerSecond: 300e9, type: "GDDR6" },
    powerWatts: 72,
    scaleUp: "pcie4x16",
    host: "pcie4x16",
    notes: [],
    sources: {
      default: aiconfigurator,
      multiprocessors: dataSheetFromMemory,
      "peakFlops.fp32": dataSheetFromMemory,
      "peakFlops.tf32": dataSheetFromMemory
    }
  },
  {
    name: "l40s",
    title: "NVIDIA L40S",
    vendor: "NVIDIA",
    generation: "ada",
    efficiencyClass: "l40s",
    year: 2023,
    multiprocessors: 142,
    peakFlops: { fp32: 91.6e12, tf32: 183e12, bf16: 362e12, fp16: 362e12, fp8: 733e12, int8: 733e12 },
    memory: { bytes: 48e9, bytesPerSecond: 864e9, type: "GDDR6" },
    powerWatts: 350,
    scaleUp: "pcie4x16",
    host: "pcie4x16",
    pricePerHour: { low: 1.55, high: 1.55 },
    notes: [],
    sources: {
      default: mlEngineering,
      multiprocessors: dataSheetFromMemory,
      pricePerHour: skypilotPrices
    }
  },
  {
    name: "rtx-4000-ada",
    title: "NVIDIA RTX 4000 Ada",
    vendor: "NVIDIA",
    generation: "ada",
    efficiencyClass: "ada",
    year: 2023,
    multiprocessors: 48,
    peakFlops: { fp32: 26.7e12, bf16: 106.9e12, fp16: 106.9e12, fp8: 163.8e12, int8: 163.8e12 },
    memory: { bytes: 20e9, bytesPerSecond: 360e9, type: "GDDR6" },
    powerWatts: 130,
    scaleUp: "pcie4x16",
    host: "pcie4x16",
    notes: [],
    sources: { default: dataSheetFromMemory }
  },
  {
    name: "rtx-5000-ada",
    title: "NVIDIA RTX 5000 Ada",
    vendor: "NVIDIA",
    generation: "ada",
    efficiencyClass: "ada",
    year: 2023,
    multiprocessors: 100,
    peakFlops: { fp32: 65.3e12, bf16: 261e12, fp16: 261e12, fp8: 522e12, int8: 522e12 },
    memory: { bytes: 32e9, bytesPerSecond: 576e9, type: "GDDR6" },
    powerWatts: 250,
    scaleUp: "pcie4x16",
    host: "pcie4x16",
    notes: [],
    sources: { default: dataSheetFromMemory }
  },
  {
    name: "rtx-6000-ada",
    title: "NVIDIA RTX 6000 Ada",
    vendor: "NVIDIA",
    generation: "ada",
    efficiencyClass: "ada",
    year: 2022,
    multiprocessors: 142,
    peakFlops: { fp32: 91.1e12, bf16: 364e12, fp16: 364e12, fp8: 728e12, int8: 728e12 },
    memory: { bytes: 48e9, bytesPerSecond: 960e9, type: "GDDR6" },
    powerWatts: 300,
    scaleUp: "pcie4x16",
    host: "pcie4x16",
    notes: [],
    sources: { default: dataSheetFromMemory }
  }
]
