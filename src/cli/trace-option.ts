/**
 * `--trace full | off | window:FROM..TO`: which part of an iteration is recorded.
 */
import type { TrainingJob } from "../training/index.ts"
import { parseQuantity } from "../units/index.ts"

export const parseTrace = (text: string): TrainingJob["trace"] | undefined => {
  if (text === "full" || text === "off") return text
  const [from, to] = (/^window:(.+?)\.\.(.+)$/.exec(text) ?? []).slice(1).map((part) => parseQuantity(part, "time"))
  return from === undefined || to === undefined || to <= from ? undefined : { window: [from, to] }
}
