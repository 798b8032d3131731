/**
 * AMD Instinct.
 */
import type { Accelerator } from "../types.ts"
import { mlEngineering, mlEngineeringNetwork, rocmSpecifications } from "../citations.ts"

export const amd: readonly Accelerator[] = [
  {
    name: "mi250x",
    title: "AMD Instinct MI250X",
    vendor: "AMD",
    generation: "cdna2",
    efficiencyClass: "mi250x",
    year: 2021,
    multiprocessors: 220,
    peakFlops: { fp32: 47.9e12, bf16: 383e12, fp16: 383e12, int8: 383e12 },
    memory: { bytes: 128e9, bytesPerSecond: 3277e9, type: "HBM2e" },
    powerWatts: 560,
    scaleUp: "xgmi3",
    host: "pcie4x16",
    notes: [
      "two dies that software sees as two devices; one matrix multiplication uses one die: 191.5 TFLOP/s, 64 GB, 1638 GB/s"
    ],
    sources: {
      default: mlEngineering,
      multiprocessors: rocmSpecifications
    }
  },
  {
    name: "mi300x",
    title: "AMD Instinct MI300X",
    aliases: ["AMD Instinct MI300X-NPS1-SPX-192GB-750W"],
    vendor: "AMD",
    generation: "cdna3",
    efficiencyClass: "mi300x",
    year: 2023,
    multiprocessors: 304,
    peakFlops: { fp32: 163.4e12, tf32: 653.7e12, bf16: 1307.4e12, fp16: 1307.4e12, fp8: 2614.9e12, int8: 2614.9e12 },
    memory: { bytes: 192e9, bytesPerSecond: 5300e9, type: "HBM3" },
    powerWatts: 750,
    scaleUp: "xgmi4",
    host: "pcie5x16",
    notes: ["full mesh of seven 64 GB/s links without a switch: one pair has 64 GB/s only", "256 MB of Infinity Cache"],
    sources: {
      default: mlEngineering,
      multiprocessors: rocmSpecifications,
      scaleUp: mlEngineeringNetwork
    }
  },
  {
    name: "mi325x",
    title: "AMD Instinct MI325X",
    vendor: "AMD",
    generation: "cdna3",
    efficiencyClass: "mi325x",
    year: 2024,
    multiprocessors: 304,
    peakFlops: { fp32: 163.4e12, tf32: 653.7e12, bf16: 1307.4e12, fp16: 1307.4e12, fp8: 2614.9e12, int8: 2614.9e12 },
    memory: { bytes: 256e9, bytesPerSecond: 6000e9, type: "HBM3e" },
    powerWatts: 1000,
    scaleUp: "xgmi4",
    host: "pcie5x16",
    notes: ["full mesh of seven 64 GB/s links without a switch: one pair has 64 GB/s only"],
    sources: {
      default: mlEngineering,
      multiprocessors: rocmSpecifications,
      scaleUp: mlEngineeringNetwork
    }
  },
  {
    name: "mi355x",
    title: "AMD Instinct MI355X",
    vendor: "AMD",
    generation: "cdna4",
    efficiencyClass: "mi355x",
    year: 2025,
    multiprocessors: 256,
    peakFlops: { fp32: 157.3e12, bf16: 2516.6e12, fp16: 2516.6e12, fp8: 5033e12, mxfp8: 5033e12, int8: 5033e12 },
    memory: { bytes: 288e9, bytesPerSecond: 8000e9, type: "HBM3e" },
    powerWatts: 1400,
    scaleUp: "xgmi4-mi355x",
    host: "pcie5x16",
    notes: [
      "full mesh of seven 76.5 GB/s links without a switch",
      "10,066 TFLOP/s at 4 bits are of MXFP4, which is not a listed format"
    ],
    sources: {
      default: mlEngineering,
      scaleUp: mlEngineeringNetwork
    }
  }
]
