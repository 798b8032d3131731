/**
 * vLLM v1's scheduler written out the slow way, after vllm/v1/core/sched/scheduler.py and kv_cache_manager.py: one object a
 * request, one a block, every request visited in every step. What the fast scheduler has to agree with.
 */
import type { Arrival, RequestSource, ServingJob } from "../../src/serving/index.ts"

interface Block {
  readonly id: number
  key: string | null
  references: number
}

interface Request {
  readonly id: number
  readonly arrival: number
  readonly prompt: number
  readonly output: number
  readonly priority: number
  readonly classIndex: number
  /** Content of each token. */
  readonly tokens: string[]
  generated: number
  computed: number
  blocks: Block[]
  preemptions: number
  cached: number
  scheduled: number
  firstToken: number
  finished: number
}

/** What happens to the requests of a job with one replica of one stage. */
export const referenceRun = (job: ServingJob, source: RequestSource): readonly Request[] => {
  const { blockTokens, prefixCaching } = job.cache
  const { maximumSequences, maximumStepTokens, chunkTokens, order } = job.batching
  const threshold = chunkTokens > 0 ? chunkTokens : Infinity
  const free: Block[] = Array.from({ length: job.cache.blocks }, (_, id) => ({ id, key: null, references: 0 }))
  const cachedBlocks = new Map<string, Block[]>()
  const all: Request[] = []
  let running: Request[] = []
  let waiting: Request[] = []
  let now = 0

  const isBefore = (a: Request, b: Request): number => a.priority - b.priority || a.arrival - b.arrival || a.id - b.id
  const keyOf = (request: Request, block: number): string =>
    request.tokens.slice(0, (block + 1) * blockTokens).join(" ")

  const newBlock = (): Block => {
    const block = free.shift()!
    if (block.key !== null) {
      const same = cachedBlocks.get(block.key)!
      same.splice(same.indexOf(block), 1)
      block.key = null
    }
    block.references = 1
    return block
  }
  const lookUp = (request: Request): Block[] => {
    const found: Block[] = []
    if (!prefixCaching) return found
    const most = Math.floor((request.prompt + request.generated - 1) / blockTokens)
    while (found.length < most) {
      const [block] = cachedBlocks.get(keyOf(request, found.length)) ?? []
      if (block === undefined) break
      found.push(block)
    }
    return found
  }
  /** Blocks for `tokens` more after what is computed and found; false when there are too few. */
  const allocate = (request: Request, found: Block[], tokens: number): boolean => {
    const computed = request.computed + found.length * blockTokens
    const needed = Math.ceil((computed + tokens) / blockTokens) - request.blocks.length - found.length
    const unused = found.filter(({ references }) => references === 0)
    if (Math.max(0, needed) + unused.length > free.length) return false
    for (const block of unused) free.splice(free.indexOf(block), 1)
    for (const block of found) block.references++
    request.blocks.push(...found)
    for (let count = 0; count < needed; count++) request.blocks.push(newBlock())
    if (!prefixCaching) return true
    for (let index = 0; index < Math.floor((computed + tokens) / blockTokens); index++) {
      const block = request.blocks[index]!
      if (block.key !== null) continue
      block.key = keyOf(request, index)
      cachedBlocks.set(block.key, [...(cachedBlocks.get(block.key) ?? []), block])
    }
    return true
  }
  const release = (request: Request): void => {
    for (const block of request.blocks.toReversed()) if (--block.references === 0) free.push(block)
    request.blocks = []
  }

  const arrive = (arrival: Arrival): void => {
    const id = all.length
    const tokens: string[] = []
    for (const piece of arrival.pieces ?? [])
      for (let token = 0; token < piece.tokens; token++) tokens.push(`${piece.id}.${token}`)
    while (tokens.length < arrival.promptTokens) tokens.push(`own ${id}.${tokens.length}`)
    for (let token = 0; token < arrival.outputTokens; token++)
      tokens.push(arrival.outputPiece === 0 ? `answer ${id}.${token}` : `${arrival.outputPiece}.${token}`)
    const request: Request = {
      id,
      arrival: arrival.arrivalSeconds,
      prompt: arrival.promptTokens,
      output: arrival.outputTokens,
      priority: job.workload.classes[arrival.classIndex]!.priority,
      classIndex: arrival.classIndex,
      tokens,
      generated: 0,
      computed: 0,
      blocks: [],
      preemptions: 0,
      cached: 0,
      scheduled: NaN,
      firstToken: NaN,
      finished: NaN
    }
    all.push(request)
    waiting.push(request)
    if (order === "priority") waiting.sort(isBefore)
  }

  const schedule = (): Map<Request, number> => {
    const planned = new Map<Request, number>()
    let budget = maximumStepTokens
    let hasPreempted = false
    for (let index = 0; index < running.length && budget > 0;) {
      const request = running[index]!
      const tokens = Math.min(request.prompt + request.generated - request.computed, threshold, budget)
      let isScheduled = true
      while (!allocate(request, [], tokens)) {
        const victim = order === "priority" ? running.toSorted(isBefore).at(-1)! : running.at(-1)!
        if (running.indexOf(victim) < index) index--
        running = running.filter((other) => other !== victim)
        budget += planned.get(victim) ?? 0
        planned.delete(victim)
        release(victim)
        victim.computed = 0
        victim.preemptions++
        waiting.unshift(victim)
        if (order === "priority") waiting.sort(isBefore)
        hasPreempted = true
        if (victim === request) {
          isScheduled = false
          break
        }
      }
      if (!isScheduled) break
      planned.set(request, tokens)
      budget -= tokens
      index++
    }
    if (hasPreempted) return planned
    while (waiting.length > 0 && budget > 0 && running.length < maximumSequences) {
      const request = waiting[0]!
      const found = lookUp(request)
      const left = request.prompt + request.generated - found.length * blockTokens
      const tokens = Math.min(left, threshold, budget)
      if (!allocate(request, found, tokens)) break
      waiting.shift()
      running.push(request)
      request.computed = found.length * blockTokens
      if (Number.isNaN(request.scheduled)) {
        request.scheduled = now
        request.cached = request.computed
      }
      planned.set(request, tokens)
      budget -= tokens
    }
    return planned
  }

  const secondsOf = (planned: Map<Request, number>): number => {
    const load = { decodes: 0, decodeContext: 0, decodeWindow: 0, prefills: 0, prefillTokens: 0, prefillPairs: 0, prefillContext: 0, sampled: 0 } // prettier-ignore
    for (const [{ prompt, generated, computed }, tokens] of planned) {
      const isDecode = generated > 0 && tokens === 1 && computed === prompt + generated - 1
      if (isDecode) {
        load.decodes++
        load.decodeContext += computed + 1
        load.decodeWindow += computed + 1
      } else {
        load.prefills++
        load.prefillTokens += tokens
        load.prefillPairs += tokens * (computed + (tokens + 1) / 2)
        load.prefillContext += computed + tokens
      }
      if (computed + tokens === prompt + generated) load.sampled++
    }
    return job.steps.hostSeconds(load) + job.steps.stageSeconds(0, load)
  }

  const arrival: Arrival = { arrivalSeconds: 0, promptTokens: 0, outputTokens: 0, classIndex: 0, pieces: null, outputPiece: 0 } // prettier-ignore
  for (;;) {
    while (source.peek() <= now && source.next(arrival)) arrive(arrival)
    const planned = schedule()
    if (planned.size === 0) {
      if (waiting.length > 0 || running.length > 0) throw new Error("the reference is stuck")
      if (source.peek() === Infinity) return all
      now = source.peek()
      continue
    }
    now += secondsOf(planned)
    for (const [request, tokens] of planned) {
      request.computed += tokens
      if (request.computed < request.prompt + request.generated) continue
      request.generated++
      if (request.generated === 1) request.firstToken = now
      if (request.generated < request.output) continue
      request.finished = now
      running = running.filter((other) => other !== request)
      release(request)
      source.ended(request.id, request.classIndex, now)
    }
  }
}
