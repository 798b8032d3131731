/**
 * Apple silicon: the GPU shares the memory of the processor.
 */
import type { Accelerator } from "../types.ts"
import { dataSheetFromMemory } from "../citations.ts"

export const apple: readonly Accelerator[] = [
  {
    name: "apple-m1",
    title: "Apple M1, 7-core GPU",
    aliases: ["apple-m1-7"],
    vendor: "Apple",
    generation: "apple",
    efficiencyClass: "apple",
    year: 2020,
    multiprocessors: 7,
    peakFlops: { fp32: 2.3e12, bf16: 2.3e12, fp16: 2.3e12 },
    memory: { bytes: 8e9, bytesPerSecond: 68.25e9, type: "LPDDR4X" },
    powerWatts: 20,
    scaleUp: "unified-memory",
    host: "unified-memory",
    notes: ["about 70 to 78 % of the unified memory is open to the GPU"],
    sources: { default: dataSheetFromMemory }
  },
  {
    name: "apple-m1-max",
    title: "Apple M1 Max, 32-core GPU",
    aliases: ["apple-m1-max-32"],
    vendor: "Apple",
    generation: "apple",
    efficiencyClass: "apple",
    year: 2021,
    multiprocessors: 32,
    peakFlops: { fp32: 10.4e12, bf16: 10.4e12, fp16: 10.4e12 },
    memory: { bytes: 64e9, bytesPerSecond: 400e9, type: "LPDDR5" },
    powerWatts: 60,
    scaleUp: "unified-memory",
    host: "unified-memory",
    notes: ["about 70 to 78 % of the unified memory is open to the GPU"],
    sources: { default: dataSheetFromMemory }
  },
  {
    name: "apple-m2-ultra",
    title: "Apple M2 Ultra, 76-core GPU",
    aliases: ["apple-m2-ultra-76"],
    vendor: "Apple",
    generation: "apple",
    efficiencyClass: "apple",
    year: 2023,
    multiprocessors: 76,
    peakFlops: { fp32: 27.2e12, bf16: 27.2e12, fp16: 27.2e12 },
    memory: { bytes: 192e9, bytesPerSecond: 800e9, type: "LPDDR5" },
    powerWatts: 150,
    scaleUp: "unified-memory",
    host: "unified-memory",
    notes: ["about 70 to 78 % of the unified memory is open to the GPU"],
    sources: { default: dataSheetFromMemory }
  },
  {
    name: "apple-m3-max",
    title: "Apple M3 Max, 40-core GPU",
    aliases: ["apple-m3-max-40"],
    vendor: "Apple",
    generation: "apple",
    efficiencyClass: "apple",
    year: 2023,
    multiprocessors: 40,
    peakFlops: { fp32: 14.2e12, bf16: 14.2e12, fp16: 14.2e12 },
    memory: { bytes: 64e9, bytesPerSecond: 400e9, type: "LPDDR5" },
    powerWatts: 78,
    scaleUp: "unified-memory",
    host: "unified-memory",
    notes: ["about 70 to 78 % of the unified memory is open to the GPU"],
    sources: { default: dataSheetFromMemory }
  }
]
