/**
 * Lengths of published workloads as histograms, so that a scenario can look like a trace that is not shipped with it.
 *
 * Measured from the files named in `source`. A weight is the number of requests in its bin; bins were split where a uniform bin
 * would have missed the mean by most, so that every mean is met within 1 %. Edges lie halfway between whole numbers: a rounded
 * draw is any whole number of its bin with the same chance. Prompt and output are drawn apart; `correlation` says how far the
 * trace's own were related.
 */
import type { Distribution } from "../types.ts"

export interface PublishedLengths {
  readonly prompt: Distribution
  readonly output: Distribution
  /** Arrivals a second over the whole trace, and the coefficient of variation of their gaps; null where it has no times. */
  readonly requestsPerSecond: number | null
  readonly variation: number | null
  /** Pearson's correlation of prompt and output. */
  readonly correlation: number
  readonly source: string
}

export const publishedLengths: Readonly<Record<string, PublishedLengths>> = {
  "azure-conv-2023": {
    prompt: {
      kind: "histogram",
      low: 1.5,
      edges: [
        181.5, 207.5, 377.5, 387.5, 403.5, 442.5, 703.5, 953.5, 1020.5, 1071.5, 1130.5, 1315.5, 1381.5, 2735.5, 4073.5,
        4083.5, 4107.5, 4251.5, 6472.5, 14050.5
      ],
      weights: [
        1111, 829, 1337, 644, 1926, 1632, 268, 617, 1341, 1946, 1920, 1925, 409, 1527, 386, 632, 615, 167, 124, 10
      ]
    },
    output: {
      kind: "histogram",
      low: 6.5,
      edges: [
        33.5, 41.5, 54.5, 77.5, 91.5, 103.5, 113.5, 129.5, 162.5, 177.5, 191.5, 384.5, 400.5, 424.5, 431.5, 451.5,
        537.5, 626.5, 652.5, 1000.5
      ],
      weights: [
        607, 365, 1000, 1922, 2076, 1848, 956, 917, 1503, 447, 388, 1559, 1939, 1918, 510, 449, 566, 276, 38, 82
      ]
    },
    requestsPerSecond: 5.53,
    variation: 1.09,
    correlation: -0.11,
    source:
      "Azure LLM inference trace 2023, conversation: 19,366 requests of one hour (Patel et al. 2024, Splitwise, ISCA); github.com/Azure/AzurePublicDataset"
  },
  "azure-code-2023": {
    prompt: {
      kind: "histogram",
      low: 2.5,
      edges: [
        75.5, 147.5, 251.5, 385.5, 770.5, 839.5, 1075.5, 1469.5, 1909.5, 2433.5, 2826.5, 3193.5, 3634.5, 4141.5, 4885.5,
        5194.5, 6818.5, 7315.5, 7423.5, 7437.5
      ],
      weights: [447, 438, 522, 357, 886, 139, 742, 885, 876, 883, 556, 327, 303, 246, 282, 49, 387, 55, 53, 386]
    },
    output: {
      kind: "histogram",
      low: 5.5,
      edges: [
        6.5, 7.5, 8.5, 9.5, 11.5, 13.5, 16.5, 20.5, 29.5, 37.5, 55.5, 76.5, 90.5, 109.5, 159.5, 226.5, 319.5, 403.5,
        895.5, 1899.5
      ],
      weights: [729, 626, 510, 811, 987, 924, 927, 740, 813, 394, 490, 312, 117, 113, 138, 85, 54, 14, 31, 4]
    },
    requestsPerSecond: 2.57,
    variation: 13.2,
    correlation: 0.0,
    source:
      "Azure LLM inference trace 2023, code: 8,819 requests of one hour (Patel et al. 2024, Splitwise, ISCA); github.com/Azure/AzurePublicDataset"
  },
  "mooncake-conversation": {
    prompt: {
      kind: "histogram",
      low: 890.5,
      edges: [
        901.5, 964.5, 1662.5, 3263.5, 4993.5, 6909.5, 9570.5, 12214.5, 13196.5, 16016.5, 17869.5, 21152.5, 27367.5,
        33544.5, 39552.5, 41933.5, 52146.5, 75504.5, 94476.5, 126195.5
      ],
      weights: [626, 579, 1203, 1202, 1203, 1203, 1203, 937, 266, 792, 411, 571, 632, 424, 178, 68, 170, 202, 72, 89]
    },
    output: {
      kind: "histogram",
      low: 0.5,
      edges: [
        10.5, 24.5, 42.5, 100.5, 213.5, 268.5, 291.5, 350.5, 399.5, 447.5, 476.5, 504.5, 552.5, 597.5, 640.5, 698.5,
        746.5, 836.5, 1008.5, 2000.5
      ],
      weights: [621, 598, 531, 665, 1202, 776, 426, 1206, 1205, 1206, 695, 496, 744, 461, 312, 286, 143, 161, 141, 156]
    },
    requestsPerSecond: 3.4,
    variation: 3.03,
    correlation: 0.07,
    source:
      "Mooncake conversation trace: 12,031 requests of one hour, timestamps in steps of 3 s (Qin et al. 2024, Mooncake); github.com/kvcache-ai/Mooncake"
  },
  sharegpt: {
    prompt: {
      kind: "histogram",
      low: 261.5,
      edges: [
        305.5, 346.5, 363.5, 403.5, 429.5, 476.5, 520.5, 621.5, 631.5, 730.5, 833.5, 888.5, 1017.5, 1213.5, 1379.5,
        1458.5, 1583.5, 1747.5, 2358.5, 3998.5
      ],
      weights: [15, 7, 9, 25, 4, 12, 18, 31, 6, 23, 30, 13, 17, 30, 23, 7, 5, 10, 10, 5]
    },
    output: {
      kind: "histogram",
      low: 511.5,
      edges: [
        523.5, 530.5, 550.5, 572.5, 574.5, 592.5, 614.5, 631.5, 681.5, 698.5, 707.5, 751.5, 765.5, 768.5, 770.5, 773.5,
        779.5, 796.5, 822.5, 1021.5
      ],
      weights: [15, 15, 32, 25, 4, 30, 22, 7, 21, 9, 3, 27, 11, 29, 27, 12, 6, 3, 1, 1]
    },
    requestsPerSecond: null,
    variation: null,
    correlation: 0.16,
    source:
      "ShareGPT as sampled by LLMServingSim for Llama-3.1-8B: 300 requests, all with answers of 512 tokens or more, so longer than ShareGPT at large"
  },
  "arxiv-summarization": {
    prompt: {
      kind: "histogram",
      low: 0.5,
      edges: [
        58.5, 747.5, 1037.5, 1242.5, 1327.5, 1537.5, 1802.5, 1999.5, 2150.5, 2453.5, 2526.5, 2730.5, 2996.5, 3249.5,
        3490.5, 3702.5, 3813.5, 3918.5, 3986.5, 4054.5
      ],
      weights: [
        235, 1178, 754, 661, 303, 947, 1579, 1503, 1318, 2829, 680, 2148, 2827, 2824, 2837, 2809, 1423, 1043, 287, 72
      ]
    },
    output: {
      kind: "histogram",
      low: 4.5,
      edges: [
        34.5, 60.5, 78.5, 104.5, 125.5, 145.5, 167.5, 192.5, 222.5, 242.5, 268.5, 304.5, 347.5, 372.5, 431.5, 506.5,
        628.5, 737.5, 764.5, 4056.5
      ],
      weights: [
        243, 1172, 1434, 2838, 2885, 2756, 2880, 2781, 2824, 1414, 1395, 1401, 1023, 396, 659, 371, 257, 116, 32, 1380
      ]
    },
    requestsPerSecond: null,
    variation: null,
    correlation: -0.46,
    source:
      "arXiv summarization, Llama-2 tokenizer, at most 4,096 tokens: 28,257 requests as prepared for Vidur (Agrawal et al. 2024, MLSys); github.com/microsoft/vidur"
  }
}
