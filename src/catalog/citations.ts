/**
 * The sources that catalogue entries cite, each written once.
 */
export const mlEngineering =
  "stas00/ml-engineering@744d01e1 (2026-08-22), compute/accelerator; its tables cite the vendors"
export const mlEngineeringNetwork = "stas00/ml-engineering@744d01e1 (2026-08-22), network"
export const aiconfigurator = "ai-dynamo/aiconfigurator@095f58a5 (NVIDIA, 2026-08-21), systems/*.yaml"
export const llmAnalysis = "cli99/llm-analysis@d841e40a, gpu_configs"
export const rocmSpecifications = "ROCm/ROCm@b05965e4, docs/reference/gpu-arch-specs.rst"
export const hmcPages = "hmc-tech.com and sysrqmts.com, pages on A40 and RTX A6000"
export const h20Comparison = "zangshuxian.com, comparison of H20 and H100 (secondary source)"
export const deepEp = "deepseek-ai/DeepEP, docs/legacy.md: about 160 GB/s at most"
export const nccl = "NVIDIA/nccl@5067397c (v2.30.7), src/graph/tuning.cc and topo.h"
export const gtcSlides = "NVIDIA GTC24-S62129 and GTC25-S72583, slides reproduced in stas00/ml-engineering, network"
export const idris = "IDRIS, Jean Zay documentation of GPU partitions (2026)"
export const bigScience = "bigscience-workshop/bigscience@56d86855, jz/hpc-specs and train/tr11-176B-ml"
export const llmFoundry = "mosaicml/llm-foundry@8c8dd48f, scripts/train/benchmarking/README.md"
export const llama3Paper = "The Llama 3 herd of models, arXiv:2407.21783, section 3.3, from memory"
export const superPodA100 =
  "NVIDIA DGX SuperPOD A100 reference architecture: scalable units of 20 nodes, full bisection, from memory"
export const superPodH100 =
  "NVIDIA DGX SuperPOD H100 reference architecture: scalable units of 32 nodes, full bisection, from memory"
export const frontierNetwork =
  "glennklockwood.com/garden/systems/frontier: 32 switches and 128 nodes a group, one link between switches, four between groups"
export const llama3Network =
  "arXiv:2407.21783, section 3.3.1, from memory, and glennklockwood.com/garden: two servers a rack, 192 racks a pod, 1:7 between pods; 16 flows between two GPUs from memory"
export const megatron2021 = "Narayanan et al. 2021, arXiv:2104.04473"
export const torchtitan = "pytorch/torchtitan, benchmarks/llama3_h100_202412_torchtitan.md"
export const trainingPower = "arXiv:2412.08602: an 8x H100 node rated 10.2 kW draws at most 8.4 kW in training"
export const skypilotPrices = "skypilot-org/skypilot-catalog v8 (Lambda, Nebius 0082b043, AWS 00148f2a)"
export const awsBlocks =
  "AWS EC2 Capacity Blocks (rates to 2025-01-01) and p4d on demand after the cut of June 2025, from memory"
export const mercatus = "mercatus-ai.com/blog/cloud-gpu-pricing (May 2026)"
export const mercatusUsed = "mercatus-ai.com/blog/cloud-gpu-pricing (May 2026): middle of 8,000 to 15,000 $ used"
export const h100Prices = "mercatus-ai.com (May 2026); the high end is AWS p5 on demand, from memory"
export const h200Prices = "mercatus-ai.com (May 2026), skypilot-org/skypilot-catalog v8"
export const b200Prices = "skypilot-org/skypilot-catalog v8, deploybase.ai (RunPod, 2026), spheron.network (March 2026)"
export const gb200Prices = "spheron.network (March 2026): 9.08 $/h for a superchip of two GPUs"
export const deepSeekCost = "deepseek-ai/open-infra-index, day 6: assumes 2 $/h"
export const streetPrices = "aiinframap.com (mid-2026): street price, within 20 to 40 %"
export const nvl72Price = "fetchlogic.net citing SemiAnalysis: about 3.1 M$ a rack of 72"
export const launchPriceA6000 = "launch price, hmc-tech.com"
export const dataSheetFromMemory = "vendor data sheet, from memory"
export const fromMemory = "from memory"
