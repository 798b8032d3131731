/**
 * NVIDIA Blackwell and Blackwell Ultra.
 */
import type { Accelerator } from "../types.ts"
import {
  aiconfigurator,
  b200Prices,
  dataSheetFromMemory,
  gb200Prices,
  mlEngineering,
  nvl72Price,
  streetPrices
} from "../citations.ts"

export const blackwell: readonly Accelerator[] = [
  {
    name: "rtx-pro-6000-blackwell",
    title: "NVIDIA RTX PRO 6000 Blackwell Server 96 GB",
    aliases: ["rtx-pro-6000", "RTX PRO 6000 Blackwell Server 96GB"],
    vendor: "NVIDIA",
    generation: "blackwell",
    efficiencyClass: "blackwell-consumer",
    inferenceClass: "rtx-pro-6000",
    year: 2025,
    multiprocessors: 188,
    peakFlops: { fp32: 120e12, bf16: 503.8e12, fp16: 503.8e12, fp8: 1007e12, nvfp4: 2015e12, int8: 1007e12 },
    memory: { bytes: 96e9, bytesPerSecond: 1597e9, type: "GDDR7" },
    powerWatts: 600,
    scaleUp: "pcie5x16",
    host: "pcie5x16",
    notes: [],
    sources: { default: dataSheetFromMemory }
  },
  {
    name: "b200-sxm",
    title: "NVIDIA B200 SXM 180 GB",
    aliases: ["b200", "b200-180gb", "b200-sxm-180gb", "NVIDIA B200-SXM-180GB"],
    vendor: "NVIDIA",
    generation: "blackwell",
    efficiencyClass: "b200",
    year: 2024,
    multiprocessors: 148,
    peakFlops: {
      fp32: 80e12,
      tf32: 1125e12,
      bf16: 2250e12,
      fp16: 2250e12,
      fp8: 4500e12,
      mxfp8: 4500e12,
      nvfp4: 9000e12,
      int8: 4500e12
    },
    memory: { bytes: 180e9, bytesPerSecond: 8000e9, type: "HBM3e" },
    powerWatts: 1000,
    scaleUp: "nvlink5",
    host: "pcie5x16",
    pricePerHour: { low: 4.5, high: 6.03 },
    purchasePrice: 40000,
    notes: ["memory: 8.0 TB/s by the data sheet, 7.7 TB/s in AIConfigurator; 192 GB are on the package"],
    sources: {
      default: mlEngineering,
      multiprocessors: dataSheetFromMemory,
      pricePerHour: b200Prices,
      purchasePrice: streetPrices
    }
  },
  {
    name: "b300-sxm",
    title: "NVIDIA B300 SXM 288 GB",
    aliases: ["b300"],
    vendor: "NVIDIA",
    generation: "blackwell",
    efficiencyClass: "b300",
    year: 2025,
    multiprocessors: 148,
    peakFlops: {
      fp32: 80e12,
      tf32: 1125e12,
      bf16: 2250e12,
      fp16: 2250e12,
      fp8: 4500e12,
      mxfp8: 4500e12,
      nvfp4: 14000e12,
      int8: 153.5e12
    },
    memory: { bytes: 288e9, bytesPerSecond: 8000e9, type: "HBM3e" },
    powerWatts: 1100,
    scaleUp: "nvlink5",
    host: "pcie6x16",
    notes: [
      "the int8 tensor rate was cut to 153.5 TOPS (AIConfigurator); other tables still print 4500",
      "nvfp4: 14 PFLOP/s dense in AIConfigurator, 12.6 elsewhere"
    ],
    sources: {
      default: mlEngineering,
      multiprocessors: dataSheetFromMemory,
      powerWatts: aiconfigurator,
      "peakFlops.int8": aiconfigurator,
      "peakFlops.nvfp4": aiconfigurator
    }
  },
  {
    name: "gb200",
    title: "NVIDIA GB200, one GPU of an NVL72",
    aliases: ["gb200-nvl", "GB200-192GB"],
    vendor: "NVIDIA",
    generation: "blackwell",
    efficiencyClass: "b200",
    year: 2025,
    multiprocessors: 148,
    peakFlops: {
      fp32: 80e12,
      tf32: 1250e12,
      bf16: 2500e12,
      fp16: 2500e12,
      fp8: 5000e12,
      mxfp8: 5000e12,
      nvfp4: 10000e12,
      int8: 5000e12
    },
    memory: { bytes: 186e9, bytesPerSecond: 8000e9, type: "HBM3e" },
    powerWatts: 1200,
    scaleUp: "nvlink5",
    host: "nvlink-c2c",
    pricePerHour: { low: 4.54, high: 4.54 },
    purchasePrice: 43000,
    notes: [],
    sources: {
      default: mlEngineering,
      multiprocessors: dataSheetFromMemory,
      pricePerHour: gb200Prices,
      purchasePrice: nvl72Price
    }
  },
  {
    name: "gb300",
    title: "NVIDIA GB300, one GPU of an NVL72",
    aliases: ["gb300-nvl"],
    vendor: "NVIDIA",
    generation: "blackwell",
    efficiencyClass: "b300",
    year: 2025,
    multiprocessors: 148,
    peakFlops: {
      fp32: 80e12,
      tf32: 1250e12,
      bf16: 2500e12,
      fp16: 2500e12,
      fp8: 5000e12,
      mxfp8: 5000e12,
      nvfp4: 15000e12,
      int8: 165e12
    },
    memory: { bytes: 288e9, bytesPerSecond: 8000e9, type: "HBM3e" },
    powerWatts: 1400,
    scaleUp: "nvlink5",
    host: "nvlink-c2c",
    notes: [],
    sources: {
      default: mlEngineering,
      multiprocessors: dataSheetFromMemory,
      memory: aiconfigurator,
      "memory.bytes": aiconfigurator,
      "peakFlops.int8": aiconfigurator
    }
  }
]
