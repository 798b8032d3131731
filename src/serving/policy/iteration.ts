/**
 * One step of a policy that decides anew for every step.
 *
 * vLLM v1: running requests in order, each one token or a chunk of its prompt, preempting the
 * last while blocks are short; then, if nobody was preempted, waiting requests from the head while budget, batch and blocks
 * last. The other policies are variations (`rules.ts`).
 */
import { joinSet, leaveSet } from "../batch/decode-set.ts"
import { phase } from "../live/live-requests.ts"
import { admitWaiting } from "./admission.ts"
import { planRunning, type Remainder } from "./running.ts"
import { clearPart, type Part, type Policy, type Scheduler, tokensToCompute } from "./scheduler.ts"

const remainder: Remainder = { budget: 0, hasPreempted: false }

/** The policy of all rules. */
export const iteration: Policy = {
  mayLeap: true,
  isFixed: false,
  plan: (scheduler, part, now) => planStep(scheduler, part, now)
}

const planStep = (scheduler: Scheduler, part: Part, now: number): void => {
  clearPart(part)
  gatherReady(scheduler, part)
  const { rules, swap, waiting } = scheduler
  if (rules.promptsFirst) {
    // A request in host memory comes back before anybody new starts.
    if (swap.requests === 0) admitWaiting(scheduler, part, rules.budget, now, "all")
    if (part.chunks > 0) return
  }
  planRunning(scheduler, part, now, remainder)
  part.hasPreempted = remainder.hasPreempted
  const before = waiting.count()
  if (!remainder.hasPreempted && !holdsPrompts(scheduler, part))
    admitWaiting(scheduler, part, remainder.budget, now, rules.promptsFirst ? "swapped" : "all")
  // Who may start and finds no room keeps its turn: the next to start has not been held back yet.
  if (waiting.count() < before) scheduler.promptsHeld = 0
  part.countsSteps = mayHold(scheduler)
  // With nobody else left, who is to be computed anew goes before those in host memory that wait behind.
  if (rules.promptsFirst && swap.requests > 0 && scheduler.running.count === 0)
    admitWaiting(scheduler, part, rules.budget, now, "all")
}

/** Somebody waits, there is a place, and it may be kept empty for a while. */
const mayHold = ({ rules, running, waiting }: Scheduler): boolean =>
  rules.promptWait !== null && waiting.count() > 0 && running.count < rules.maximumSequences

/**
 * Whether new prompts wait for more of them: PyExecutor._waiting_requests of TensorRT-LLM, which does so while anything is generated.
 */
const holdsPrompts = (scheduler: Scheduler, part: Part): boolean => {
  const { live, rules, waiting } = scheduler
  const { promptWait } = rules
  if (promptWait === null || !mayHold(scheduler) || part.decodes.count === 0) return false
  let tokens = part.decodes.count + part.prefillTokens + waiting.count()
  // A long line is not gone through: everybody in it has a token at least.
  if (scheduler.promptsHeld < promptWait.steps && tokens < promptWait.tokens)
    for (const slot of waiting.all()) tokens += tokensToCompute(live, slot) - 1
  if (scheduler.promptsHeld >= promptWait.steps || tokens >= promptWait.tokens) return false
  scheduler.promptsHeld++
  return true
}

/** Everybody who is ready to decode joins the batch: those who sat out a step, and those of other batches that are back. */
export const gatherReady = (scheduler: Scheduler, part: Part): void => {
  const { live, running, suspended, parts } = scheduler
  for (const slot of suspended) joinSet(live, part.decodes, slot)
  suspended.length = 0
  for (const other of parts) {
    if (other === part || other.isInFlight || other.decodes.count === 0) continue
    for (let slot = running.first; slot >= 0; slot = live.next[slot]!) {
      if (live.phase[slot] !== phase.decoding || live.set[slot] !== other.decodes.index) continue
      leaveSet(live, other.decodes, slot)
      joinSet(live, part.decodes, slot)
    }
  }
}
