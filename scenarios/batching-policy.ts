/**
 * A batching policy of one's own, as a function: shortest prompt first, as long as nobody waits too long.
 *
 * Before every step the policy sees who waits and who runs (`SchedulerView`) and says what the step works on (`BatchPlan`):
 * running requests decode a token unless it says otherwise, `prefill` lists prompts to work on, by request and tokens.
 * With `import { Scenario } from "windtunnel-sim"` and `Scenario.make({ ... })` around it, an editor completes the fields.
 */

/** What the policy below looks at; `SchedulerView` of the library has it all. */
interface Waiting {
  readonly id: number
  readonly arrivalSeconds: number
  readonly prefillLeft: number
}
interface View {
  readonly now: number
  readonly waiting: readonly Waiting[]
  readonly running: readonly Waiting[]
  readonly freeBlocks: number
  readonly blockTokens: number
  readonly maximumSequences: number
  readonly maximumStepTokens: number
}

/** A request that has waited so long goes before all shorter ones. */
const patienceSeconds = 5

/** Those who have waited too long first, the oldest of them in front; then by length. */
const rank = (now: number, { arrivalSeconds, prefillLeft }: Waiting): number =>
  now - arrivalSeconds > patienceSeconds ? arrivalSeconds - 1e9 : prefillLeft

const shortestFirst = ({
  now,
  waiting,
  running,
  freeBlocks,
  blockTokens,
  maximumSequences,
  maximumStepTokens
}: View) => {
  const underWay = running.filter(({ prefillLeft }) => prefillLeft > 0)
  const prefill: { readonly id: number; readonly tokens: number }[] = []
  // Everyone who decodes takes a token of the step, and may soon take a block.
  let tokens = maximumStepTokens - (running.length - underWay.length)
  let blocks = freeBlocks - running.length
  let places = maximumSequences - running.length
  const take = ({ id, prefillLeft }: Waiting): void => {
    const part = Math.min(prefillLeft, tokens)
    if (part <= 0) return
    prefill.push({ id, tokens: part })
    tokens -= part
  }
  underWay.forEach(take)
  for (const request of [...waiting].sort((one, other) => rank(now, one) - rank(now, other))) {
    const needed = Math.ceil((request.prefillLeft + 1) / blockTokens)
    if (places <= 0 || tokens <= 0 || needed > blocks) break
    take(request)
    places -= 1
    blocks -= needed
  }
  return { prefill }
}

export default {
  name: "Llama-3.1-8B on one H100, shortest prompt first",
  cluster: { accelerator: "h100-sxm", accelerators: 1 },
  model: "llama-3.1-8b",
  serving: {
    stack: "vllm-v1",
    maxSequence: 32_768,
    batching: { policy: shortestFirst, maxBatchSize: 64, maxBatchTokens: 8192 }
  },
  workload: {
    arrivals: { poisson: { rate: 7 } },
    classes: [
      { name: "chat", weight: 9, prompt: { lognormal: { mean: 400, deviation: 400, max: 4000 } }, output: 150 },
      { name: "documents", weight: 1, prompt: { uniform: [8000, 24_000] }, output: 300 }
    ],
    requests: 1000,
    slo: { ttft: "1 s", tpot: "50 ms" }
  }
}
