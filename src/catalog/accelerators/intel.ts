/**
 * Intel Gaudi.
 */
import type { Accelerator } from "../types.ts"
import { mlEngineering, mlEngineeringNetwork } from "../citations.ts"

export const intel: readonly Accelerator[] = [
  {
    name: "gaudi3",
    title: "Intel Gaudi 3",
    vendor: "Intel",
    generation: "gaudi",
    efficiencyClass: "gaudi3",
    year: 2024,
    multiprocessors: null,
    peakFlops: { fp32: 229e12, tf32: 459e12, bf16: 1677e12, fp16: 459e12, fp8: 1677e12 },
    memory: { bytes: 128e9, bytesPerSecond: 3700e9, type: "HBM2e" },
    powerWatts: 900,
    scaleUp: "gaudi3-ethernet",
    host: "pcie5x16",
    notes: ["the white paper says 1835 TFLOP/s at 1750 MHz; shipped silicon runs at 1600 MHz"],
    sources: {
      default: mlEngineering,
      scaleUp: mlEngineeringNetwork
    }
  }
]
