/**
 * NVIDIA Hopper (2022) and its variants.
 */
import type { Accelerator } from "../types.ts"
import {
  dataSheetFromMemory,
  deepEp,
  deepSeekCost,
  h100Prices,
  h200Prices,
  h20Comparison,
  mlEngineering,
  mlEngineeringNetwork,
  streetPrices,
  torchtitan
} from "../citations.ts"

export const hopper: readonly Accelerator[] = [
  {
    name: "h100-sxm",
    title: "NVIDIA H100 SXM5 80 GB",
    aliases: ["h100", "h100-80gb", "h100-sxm-80gb", "h100-sxm5-80gb", "NVIDIA H100-SXM-80GB"],
    vendor: "NVIDIA",
    generation: "hopper",
    efficiencyClass: "h100",
    year: 2022,
    multiprocessors: 132,
    peakFlops: { fp32: 67e12, tf32: 494.5e12, bf16: 989e12, fp16: 989e12, fp8: 1979e12, int8: 1979e12 },
    memory: { bytes: 80e9, bytesPerSecond: 3350e9, type: "HBM3" },
    powerWatts: 700,
    scaleUp: "nvlink4",
    host: "pcie5x16",
    pricePerHour: { low: 1.99, high: 6.88 },
    purchasePrice: 30000,
    notes: ["1980 MHz is the highest clock; 1830 MHz reproduces the 989 TFLOP/s of the data sheet"],
    sources: {
      default: mlEngineering,
      scaleUp: mlEngineeringNetwork,
      pricePerHour: h100Prices,
      purchasePrice: streetPrices
    }
  },
  {
    name: "h100-pcie",
    title: "NVIDIA H100 PCIe 80 GB",
    aliases: ["h100-pcie-80gb", "NVIDIA H100-PCIe-80GB"],
    vendor: "NVIDIA",
    generation: "hopper",
    efficiencyClass: "h100",
    year: 2022,
    multiprocessors: 114,
    peakFlops: { fp32: 51e12, tf32: 378e12, bf16: 756e12, fp16: 756e12, fp8: 1513e12, int8: 1513e12 },
    memory: { bytes: 80e9, bytesPerSecond: 2000e9, type: "HBM2e" },
    powerWatts: 350,
    scaleUp: "pcie5x16",
    host: "pcie5x16",
    notes: [
      "an optional NVLink bridge joins pairs only; traffic is modelled over PCIe",
      "one source lists HBM3; the data sheet says HBM2e"
    ],
    sources: {
      default: mlEngineering,
      scaleUp: dataSheetFromMemory,
      multiprocessors: `${h20Comparison} and ${dataSheetFromMemory}`
    }
  },
  {
    name: "h100-nvl",
    title: "NVIDIA H100 NVL 94 GB",
    aliases: ["h100-nvl-94gb", "NVIDIA H100-NVL-94GB"],
    vendor: "NVIDIA",
    generation: "hopper",
    efficiencyClass: "h100",
    year: 2023,
    multiprocessors: 132,
    peakFlops: { fp32: 60e12, tf32: 417.5e12, bf16: 835e12, fp16: 835e12, fp8: 1671e12, int8: 1671e12 },
    memory: { bytes: 94e9, bytesPerSecond: 3900e9, type: "HBM3" },
    powerWatts: 400,
    scaleUp: "pcie5x16",
    host: "pcie5x16",
    notes: [
      "an NVLink bridge (300 GB/s) joins pairs only; traffic is modelled over PCIe",
      "sources disagree: 989 bf16 TFLOP/s in the 2023 launch table, 835 in the current data sheet"
    ],
    sources: {
      default: dataSheetFromMemory,
      memory: mlEngineering,
      powerWatts: mlEngineering
    }
  },
  {
    name: "h100-96gb-500w",
    title: "NVIDIA H100 96 GB HBM2e, 500 W",
    aliases: ["h100-500w", "H100-96GB-HBM2e-500W", "h100-96gb"],
    vendor: "NVIDIA",
    generation: "hopper",
    efficiencyClass: "h100-500w",
    year: 2023,
    multiprocessors: 132,
    peakFlops: { fp32: 67e12, tf32: 494.5e12, bf16: 989e12, fp16: 989e12, fp8: 1979e12, int8: 1979e12 },
    memory: { bytes: 96e9, bytesPerSecond: 2400e9, type: "HBM2e" },
    powerWatts: 500,
    scaleUp: "nvlink4",
    host: "pcie5x16",
    notes: ["peak rates are those of the H100 SXM; the power limit shows in the fitted efficiency"],
    sources: { default: mlEngineering, memory: torchtitan, powerWatts: torchtitan }
  },
  {
    name: "h800-sxm",
    title: "NVIDIA H800 SXM 80 GB",
    aliases: ["h800"],
    vendor: "NVIDIA",
    generation: "hopper",
    efficiencyClass: "h100",
    year: 2023,
    multiprocessors: 132,
    peakFlops: { fp32: 67e12, tf32: 494.5e12, bf16: 989e12, fp16: 989e12, fp8: 1979e12, int8: 1979e12 },
    memory: { bytes: 80e9, bytesPerSecond: 3350e9, type: "HBM3" },
    powerWatts: 700,
    scaleUp: "nvlink4-h800",
    host: "pcie5x16",
    pricePerHour: { low: 2, high: 2 },
    notes: ["export variant: NVLink at 400 GB/s in both directions together, fp64 cut"],
    sources: {
      default: dataSheetFromMemory,
      scaleUp: deepEp,
      pricePerHour: deepSeekCost
    }
  },
  {
    name: "h20",
    title: "NVIDIA H20 96 GB",
    aliases: ["h20-96gb"],
    vendor: "NVIDIA",
    generation: "hopper",
    efficiencyClass: "h100",
    year: 2023,
    multiprocessors: 78,
    peakFlops: { fp32: 44e12, tf32: 74e12, bf16: 148e12, fp16: 148e12, fp8: 296e12, int8: 296e12 },
    memory: { bytes: 96e9, bytesPerSecond: 4000e9, type: "HBM3" },
    powerWatts: 400,
    scaleUp: "nvlink4",
    host: "pcie5x16",
    notes: [],
    sources: {
      default: h20Comparison,
      powerWatts: dataSheetFromMemory,
      scaleUp: dataSheetFromMemory
    }
  },
  {
    name: "h200-sxm",
    title: "NVIDIA H200 SXM 141 GB",
    aliases: ["h200", "h200-141gb", "h200-sxm-141gb", "NVIDIA H200-SXM-141GB"],
    vendor: "NVIDIA",
    generation: "hopper",
    efficiencyClass: "h100",
    inferenceClass: "h200",
    year: 2024,
    multiprocessors: 132,
    peakFlops: { fp32: 67e12, tf32: 494.5e12, bf16: 989e12, fp16: 989e12, fp8: 1979e12, int8: 1979e12 },
    memory: { bytes: 141e9, bytesPerSecond: 4800e9, type: "HBM3e" },
    powerWatts: 700,
    scaleUp: "nvlink4",
    host: "pcie5x16",
    pricePerHour: { low: 2.5, high: 7 },
    purchasePrice: 35000,
    notes: [],
    sources: {
      default: mlEngineering,
      scaleUp: mlEngineeringNetwork,
      pricePerHour: h200Prices,
      purchasePrice: streetPrices
    }
  },
  {
    name: "gh200-96gb",
    title: "NVIDIA GH200 Grace Hopper, 96 GB",
    aliases: ["gh200", "gh200", "NVIDIA GH200 Grace Hopper Superchip 96GB"],
    vendor: "NVIDIA",
    generation: "hopper",
    efficiencyClass: "h100",
    year: 2023,
    multiprocessors: 132,
    peakFlops: { fp32: 67e12, tf32: 494.5e12, bf16: 989e12, fp16: 989e12, fp8: 1979e12, int8: 1979e12 },
    memory: { bytes: 96e9, bytesPerSecond: 4000e9, type: "HBM3" },
    powerWatts: 900,
    scaleUp: "nvlink4",
    host: "nvlink-c2c",
    notes: ["one GPU; 900 W is the module with its Grace processor"],
    sources: {
      default: mlEngineering,
      scaleUp: mlEngineeringNetwork
    }
  },
  {
    name: "gh200-144gb",
    title: "NVIDIA GH200 Grace Hopper, 144 GB",
    aliases: ["NVIDIA GH200 Grace Hopper Superchip 144GB"],
    vendor: "NVIDIA",
    generation: "hopper",
    efficiencyClass: "h100",
    inferenceClass: "h200",
    year: 2024,
    multiprocessors: 132,
    peakFlops: { fp32: 67e12, tf32: 494.5e12, bf16: 989e12, fp16: 989e12, fp8: 1979e12, int8: 1979e12 },
    memory: { bytes: 144e9, bytesPerSecond: 4900e9, type: "HBM3e" },
    powerWatts: 900,
    scaleUp: "nvlink4",
    host: "nvlink-c2c",
    notes: ["one GPU; 900 W is the module with its Grace processor"],
    sources: { default: mlEngineering, scaleUp: mlEngineeringNetwork, year: dataSheetFromMemory }
  }
]
