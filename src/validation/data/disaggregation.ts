/**
 * Published comparisons of servers that divide prompts from answers with servers that do not. Goodput: the highest rate of
 * Poisson arrivals at which the quantile of the goals is met.
 */
export interface DisaggregationCase {
  readonly id: string
  readonly citation: string
  readonly url: string
  /** What the source says of the setting, in a scenario's words. */
  readonly setting: {
    readonly cluster: { readonly system: string }
    readonly model: string
    readonly stack: string
    readonly prompt: number
    readonly output: number
    readonly quantile: number
    readonly ttftSeconds: number
    readonly tpotSeconds: number
    readonly prefillReplicas: number
    readonly decodeReplicas: number
  }
  /** Requests/s. */
  readonly published: {
    /** One replica that does both: until the goal of the time per token fails, which is first. */
    readonly colocated: number
    /** One replica that only prefills, until the first token's goal fails. */
    readonly prefillAlone: number
    /** All replicas of the setting together. */
    readonly disaggregated: number
  }
  readonly notes: readonly string[]
}

export const disaggregationCases: readonly DisaggregationCase[] = [
  {
    id: "distserve-13b-a100-512-64",
    citation:
      "Y. Zhong, J. Chen, S. Liu, Y. Zhu, X. Jin, H. Zhang: Throughput is Not All You Need, 17 March 2024 (figure 6); DistServe, OSDI 2024",
    url: "https://hao-ai-lab.github.io/blogs/distserve/",
    setting: {
      cluster: { system: "dgx-a100" },
      model: "opt-13b",
      stack: "vllm-v0-eager",
      prompt: 512,
      output: 64,
      quantile: 0.9,
      ttftSeconds: 0.4,
      tpotSeconds: 0.04,
      prefillReplicas: 2,
      decodeReplicas: 1
    },
    published: { colocated: 1.6, prefillAlone: 5.6, disaggregated: 10 },
    notes: [
      "the source says a 13B model and existing systems; its paper's is OPT-13B on vLLM of late 2023",
      "the source adds up what a prefill and a decode worker reach: min(2 x 5.6, 10), 3.3 requests/s for each of three GPUs"
    ]
  }
]
