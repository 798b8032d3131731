/**
 * All-reduce inside a captured CUDA graph: vLLM's one- and two-shot kernel over NVLink, and NCCL where it is larger.
 *
 * Microseconds by bytes of the buffer on each rank, for 2, 4 and 8 ranks of one NVLink domain, 16-bit elements. Measured:
 * ai-dynamo/aiconfigurator@095f58a5 (Apache-2.0), systems/*\/comm/vllm/{0.14.0,0.19.0}/custom_allreduce_perf, rows
 * vLLM_custom_graph; each figure is the median of three neighbouring sizes, which takes out single outliers.
 */
export interface AllReduceTable {
  readonly bytes: readonly number[]
  readonly microseconds: Readonly<Record<2 | 4 | 8, readonly number[]>>
}

const bytes = [
  256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864, 268_435_456, 536_870_912
] as const

/** By class of inference constants. */
export const inGraphAllReduce: Readonly<Record<string, AllReduceTable>> = {
  a100: {
    bytes,
    microseconds: {
      2: [4.87, 4.89, 5.02, 5.29, 5.5, 6.57, 10.7, 25.2, 126, 388, 1430, 2800],
      4: [5.15, 5.19, 5.33, 6, 6.57, 9.91, 18.3, 41.5, 182, 540, 1920, 3720],
      8: [5.66, 5.7, 6.32, 6.54, 8.43, 17.1, 21.7, 45.4, 214, 594, 2170, 4220]
    }
  },
  h100: {
    bytes,
    microseconds: {
      2: [4.28, 4.28, 4.32, 4.44, 4.59, 5.13, 8.39, 20.3, 78.5, 247, 884, 1690],
      4: [4.58, 4.57, 4.62, 4.88, 5.31, 7.1, 12.8, 30.5, 101, 322, 1180, 2310],
      8: [4.75, 4.55, 4.65, 5.17, 6.31, 14.7, 17.3, 34.5, 122, 362, 1350, 2630]
    }
  },
  h200: {
    bytes,
    microseconds: {
      2: [4.36, 4.49, 4.51, 4.56, 4.73, 5.1, 8.32, 20.4, 76.8, 246, 888, 1700],
      4: [4.49, 4.55, 4.55, 4.79, 5.34, 6.96, 12, 29.9, 98.4, 319, 1180, 2310],
      8: [4.7, 4.74, 4.91, 5.3, 6.6, 19.3, 38.8, 52.1, 121, 317, 1050, 2030]
    }
  },
  b200: {
    bytes,
    microseconds: {
      2: [6.6, 6.94, 6.97, 7.01, 7.06, 7.77, 13.1, 34.6, 57.6, 155, 531, 1010],
      4: [7.08, 7.05, 7.24, 7.57, 7.79, 8.66, 19, 29.8, 67.8, 193, 707, 1340],
      8: [7.49, 7.49, 7.87, 8.22, 8.65, 17, 20.7, 26.6, 62.4, 222, 715, 1340]
    }
  }
}

/**
 * All-reduce over PCIe: seconds of a small one, and the rate of n ranks over that of two where cards reach each other
 * through the host only. Measured on L40S without peer-to-peer (same source, 512 MiB over 2, 4 and 8 cards: 20, 5.2 and
 * 1.9 GB/s of bus rate).
 */
export const pcieAllReduce = {
  latencySeconds: { 2: 7e-6, 4: 13e-6, 8: 24e-6 },
  stagedExponent: 1.7,
  source: "ai-dynamo/aiconfigurator@095f58a5, l40s and rtx_pro_6000_server/comm/nccl: 4 KiB and 512 MiB"
} as const
