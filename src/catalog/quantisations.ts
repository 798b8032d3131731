/**
 * Number formats in which a served model's weights are kept.
 */
import type { Quantisation } from "./serving-types.ts"

const half = { body: 2, head: 2, embedding: 2 } as const

const checkpoint = "layout of published checkpoints: layers quantised, embedding and LM head in 16 bits"

/** Every shipped quantisation. */
export const quantisations: readonly Quantisation[] = [
  {
    name: "bf16",
    title: "bfloat16 weights and activations",
    aliases: ["bfloat16"],
    weightBytes: half,
    compute: "half",
    activationBytes: 2,
    kernels: "bf16",
    isFused: true,
    notes: ["runs in fp16 on accelerators without bf16"],
    sources: { default: "the format's width" }
  },
  {
    name: "fp16",
    title: "IEEE half precision weights and activations",
    aliases: ["float16", "half"],
    weightBytes: half,
    compute: "half",
    activationBytes: 2,
    kernels: "bf16",
    isFused: true,
    notes: ["as fast as bf16 on every accelerator of the catalogue that has both"],
    sources: { default: "the format's width" }
  },
  {
    name: "fp8",
    title: "FP8 (E4M3) weights and activations, one scale a tensor, channel or token",
    aliases: ["fp8-e4m3", "float8"],
    weightBytes: { body: 1, head: 2, embedding: 2 },
    compute: "fp8",
    activationBytes: 1,
    kernels: "fp8",
    isFused: true,
    notes: ["weight-only where the accelerator lacks fp8 products: they run in 16 bits"],
    sources: { default: checkpoint }
  },
  {
    name: "fp8-block",
    title: "FP8 with a scale a 128 x 128 block (DeepSeek-V3)",
    aliases: ["fp8_block", "deepseek-fp8"],
    weightBytes: { body: 1 + 4 / (128 * 128), head: 2, embedding: 2 },
    compute: "fp8",
    activationBytes: 1,
    kernels: "fp8",
    isFused: true,
    notes: ["activations scaled in groups of 128"],
    sources: { default: "DeepSeek-V3, arXiv:2412.19437, section 3.3" }
  },
  {
    name: "int8",
    title: "8-bit weights, 16-bit activations, dequantised in the product's kernel",
    aliases: ["int8-weight-only", "w8a16"],
    weightBytes: { body: 1, head: 2, embedding: 2 },
    compute: "half",
    activationBytes: 2,
    kernels: "int8",
    isFused: true,
    notes: ["slower than 16 bits where products are compute-bound"],
    sources: { default: checkpoint }
  },
  {
    name: "int8-llm",
    title: "LLM.int8() of bitsandbytes: outlier columns in 16 bits",
    aliases: ["llm.int8", "bitsandbytes", "bnb-8bit"],
    weightBytes: { body: 1, head: 2, embedding: 2 },
    compute: "half",
    activationBytes: 2,
    kernels: "bf16",
    isFused: false,
    notes: ["each linear layer quantises its input, splits outliers and adds two products: the stack's linearSeconds"],
    sources: { default: "Dettmers et al., arXiv:2208.07339, sections 3 and 5" }
  },
  {
    name: "int8-smoothquant",
    title: "SmoothQuant: 8-bit weights and activations",
    aliases: ["smoothquant", "w8a8"],
    weightBytes: { body: 1, head: 2, embedding: 2 },
    compute: "int8",
    activationBytes: 1,
    kernels: "fp8",
    isFused: true,
    notes: ["int8 products; efficiency of fp8 kernels borrowed"],
    sources: { default: "Xiao et al., arXiv:2211.10438, section 4" }
  },
  {
    name: "int4-awq",
    title: "AWQ: 4-bit weights in groups of 128, 16-bit activations",
    aliases: ["awq", "w4a16", "int4"],
    weightBytes: { body: 0.5 + 2.5 / 128, head: 2, embedding: 2 },
    compute: "half",
    activationBytes: 2,
    kernels: "int4",
    isFused: true,
    notes: ["a 16-bit scale and a 4-bit zero a group"],
    sources: { default: "Lin et al., arXiv:2306.00978, section 5" }
  },
  {
    name: "int4-gptq",
    title: "GPTQ: 4-bit weights in groups of 128, 16-bit activations",
    aliases: ["gptq"],
    weightBytes: { body: 0.5 + 2.5 / 128, head: 2, embedding: 2 },
    compute: "half",
    activationBytes: 2,
    kernels: "int4",
    isFused: true,
    notes: ["a 16-bit scale and a 4-bit zero a group"],
    sources: { default: "Frantar et al., arXiv:2210.17323, section 4" }
  },
  {
    name: "q4_k_m",
    title: "GGML Q4_K_M: 4 to 6 bits in blocks of 256",
    aliases: ["q4", "gguf-q4"],
    weightBytes: { body: 0.6, head: 0.82, embedding: 0.5625 },
    compute: "half",
    activationBytes: 2,
    kernels: "int4",
    isFused: true,
    notes: [
      "layers mostly in Q4_K (0.5625 bytes), half of the value and down projections in Q6_K (0.82), as the LM head",
      "4.58 GiB for Llama-3-8B and 39.59 GiB for 70B, as llama.cpp prints, give 0.60 bytes a parameter of the layers"
    ],
    sources: {
      default: "ggml-org/llama.cpp, k-quants: 4.5 and 6.56 bits a weight; XiongjieDai/GPU-Benchmarks-on-LLM-Inference"
    }
  },
  {
    name: "q8_0",
    title: "GGML Q8_0: 8 bits and a scale a block of 32",
    aliases: ["gguf-q8"],
    weightBytes: { body: 1.0625, head: 1.0625, embedding: 1.0625 },
    compute: "half",
    activationBytes: 2,
    kernels: "int8",
    isFused: true,
    notes: [],
    sources: { default: "ggml-org/llama.cpp: 34 bytes a block of 32 weights" }
  },
  {
    name: "nvfp4",
    title: "NVFP4: 4-bit floats with an FP8 scale a block of 16",
    aliases: ["fp4"],
    weightBytes: { body: 0.5625, head: 2, embedding: 2 },
    compute: "nvfp4",
    activationBytes: 0.5625,
    kernels: "nvfp4",
    isFused: true,
    notes: ["weight-only where the accelerator lacks fp4 products: they run in 16 bits"],
    sources: { default: "NVIDIA TensorRT Model Optimizer: 4-bit values, one E4M3 scale for 16" }
  },
  {
    name: "mxfp4",
    title: "MXFP4: 4-bit floats with a power-of-two scale a block of 32 (gpt-oss)",
    weightBytes: { body: 0.53125, head: 2, embedding: 2 },
    compute: "half",
    activationBytes: 2,
    kernels: "int4",
    isFused: true,
    notes: ["weights only; gpt-oss keeps attention in 16 bits, which is left out"],
    sources: { default: "OCP Microscaling Formats 1.0: 4-bit values, one 8-bit exponent for 32" }
  }
]
