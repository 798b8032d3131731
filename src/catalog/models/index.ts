/**
 * Every model of the catalogue, by family. Shapes only; counts follow from them in `transformer`.
 */
import type { Model } from "../types.ts"
import { bloom } from "./bloom.ts"
import { deepseek } from "./deepseek.ts"
import { falcon } from "./falcon.ts"
import { gemma } from "./gemma.ts"
import { gpt } from "./gpt.ts"
import { gptOss } from "./gpt-oss.ts"
import { gptSc21 } from "./gpt-sc21.ts"
import { hybrids } from "./hybrid.ts"
import { llama } from "./llama.ts"
import { mistral } from "./mistral.ts"
import { mpt } from "./mpt.ts"
import { nemotron } from "./nemotron.ts"
import { opt } from "./opt.ts"
import { phi } from "./phi.ts"
import { qwen } from "./qwen.ts"

export const models: readonly Model[] = [
  ...gpt,
  ...gptSc21,
  ...gptOss,
  ...bloom,
  ...opt,
  ...mpt,
  ...falcon,
  ...llama,
  ...mistral,
  ...qwen,
  ...deepseek,
  ...gemma,
  ...phi,
  ...nemotron,
  ...hybrids
]
