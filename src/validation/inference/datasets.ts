/**
 * Lengths of the prompts and answers of datasets that sources name and do not measure.
 */

/** A length: a number, or a distribution as a scenario writes it. */
export type LengthInput =
  | number
  | { readonly uniform: readonly [number, number] }
  | { readonly lognormal: { readonly mean: number; readonly deviation: number; readonly max: number } }

/** A dataset of MLPerf Inference, whose lengths its logs do not print. Tokens. */
export interface Dataset {
  readonly match: RegExp
  readonly requests: number
  readonly prompt: LengthInput
  readonly meanPrompt: number
  readonly output: LengthInput
  readonly meanOutput: number
  readonly longest: number
  /** Beam search: sequences of a request, and how many times the bytes of its share of the cache each one reads. */
  readonly beams?: number
  readonly beamReads?: number
  readonly note: string
}

/** Most lengths small, some very large. */
export const lognormal = (mean: number, deviation: number, max: number): LengthInput => ({
  lognormal: { mean, deviation, max }
})

/** First match wins. */
export const datasets: readonly Dataset[] = [
  {
    // mlcommons/inference language/llama2-70b: 24,576 samples, prompts and answers up to 1024 tokens, means 294 and 294.
    match: /openorca(?!.*gsm8k)/i,
    requests: 24_576,
    prompt: lognormal(294, 210, 1024),
    meanPrompt: 294,
    output: lognormal(294, 210, 1024),
    meanOutput: 294,
    longest: 2048,
    note: "prompts of 294 tokens on average (OpenOrca as MLPerf samples it)"
  },
  {
    // mlcommons/inference language/mixtral-8x7b: 5,000 samples each of OpenOrca (prompts of 294 tokens), GSM8K (sums in
    // words, about 100) and MBXP (heads of functions, about 200); prompts up to 2048.
    match: /gsm8k|mbxp/i,
    requests: 15_000,
    prompt: lognormal(200, 180, 2048),
    meanPrompt: 200,
    output: lognormal(145, 120, 1024),
    meanOutput: 145,
    longest: 3072,
    note: "prompts of 200 tokens on average (OpenOrca, GSM8K and MBXP as MLPerf samples them), estimated"
  },
  {
    // mlcommons/inference language/gpt-j: CNN/DailyMail, 13,368 articles up to 1919 tokens, beam search of width 4 with
    // answers of 30 to 128 tokens. Each beam is a sequence; the prompt is computed and kept once, a quarter in each, but read
    // by each whole.
    match: /cnn|dailymail/i,
    requests: 13_368,
    prompt: lognormal(870 / 4, 100, 480),
    meanPrompt: 870 / 4,
    output: { uniform: [30, 108] },
    meanOutput: 69,
    longest: 608,
    beams: 4,
    // Half of what the beams read again comes from the L2 cache, assumed.
    beamReads: (1 + (870 + 35) / (870 / 4 + 35)) / 2,
    note: "articles of 870 tokens, answers of 69 tokens in four beams (CNN/DailyMail)"
  },
  {
    // Any other: lengths of chats.
    match: /\S/,
    requests: 10_000,
    prompt: lognormal(300, 250, 2048),
    meanPrompt: 300,
    output: lognormal(250, 200, 2048),
    meanOutput: 250,
    longest: 4096,
    note: "prompts of 300 tokens on average, assumed"
  }
]
