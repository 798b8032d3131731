/**
 * The source of requests that the simulation of a server pulls from: open arrivals, users of a closed loop, and the later
 * turns of conversations, merged by time.
 *
 * Open arrivals are computed one ahead. What depends on an answer (a user's next request, a conversation's next turn) is put
 * in a line by time when `ended` tells of that answer. Nothing is kept of a request that nobody waits for, and for one without
 * shared content `next` allocates nothing: a million Poisson requests of constant length take 0.1 s.
 */
import type { Arrival, PromptPiece, RequestSource, WorkloadSpec } from "../types.ts"
import { makeClient, type Client } from "./client.ts"
import { cumulated, placeOf, sampler } from "./distribution.ts"
import { makeDueTimes } from "./due-times.ts"
import { openArrivals } from "./open-arrivals.ts"
import { classDraws, sharedTextCount, type Lengths } from "./request-class.ts"
import { makeRounds } from "./rounds.ts"
import { traceRows } from "./trace-rows.ts"

/** Somebody who waits for an answer and comes again: a user of a closed loop, or an open conversation. */
interface Waiting {
  readonly client: Client
  /** Comes again after its last turn too. */
  readonly isUser: boolean
  classIndex: number
  /** Turns of the conversation still to come. */
  turnsLeft: number
  /** What was said so far; null between conversations and where nothing is kept. */
  history: readonly PromptPiece[] | null
  /** Number of its conversation. */
  session: number
}

/**
 * The requests of a workload.
 *
 * A request's index is its place in the order in which `next` gave them, from 0. The workload ends with its last request or
 * with the first one that would arrive at `seconds` or later. Requests of a trace have its lengths and its content: their
 * class gives them neither shared texts nor conversations. A conversation goes on after a turn that was rejected or cancelled,
 * as if the answer had come.
 *
 * @param seed  with the same seed every stream of random numbers is the same, whatever else the workload contains
 */
export const makeRequestSource = (spec: WorkloadSpec, seed: number): RequestSource => {
  const { arrivals, classes, requests, seconds } = spec
  const names = classes.map(({ name }) => name)
  const textCounts = classes.map(sharedTextCount)
  const draws = classes.map((requestClass, index) =>
    classDraws(requestClass, index, 1 + textCounts.slice(0, index).reduce((sum, count) => sum + count, 0))
  )
  let nextPiece = 1 + textCounts.reduce((sum, count) => sum + count, 0)

  const everyone = makeClient(seed, "", names)
  const shares = cumulated(classes.map(({ weight }) => weight))
  const chooseClass = (client: Client): number =>
    classes.length === 1 ? 0 : placeOf(client.stream("class")() * shares.at(-1)!, shares)

  const recorded = arrivals.kind === "trace" ? traceRows(arrivals.trace, names, () => chooseClass(everyone)) : null
  const openTime = openArrivals(arrivals, seed)
  const think = arrivals.kind === "closedLoop" ? sampler(arrivals.thinkTime) : () => 0
  const thinkSeconds = (client: Client): number => Math.max(0, think(client.stream("think time")))
  const isAnswerAwaited =
    arrivals.kind === "closedLoop" || (recorded === null && classes.some(({ conversation }) => conversation !== null))

  const due = makeDueTimes<Waiting>()
  // Whose answer is awaited, by request.
  const awaited = new Map<number, Waiting>()
  let issued = 0
  let conversations = 0
  let openNext = openTime()
  if (arrivals.kind === "closedLoop")
    for (let user = 0; user < arrivals.users; user++) {
      const client = makeClient(seed, ` of user ${user}`, names)
      due.push(thinkSeconds(client), { client, isUser: true, classIndex: 0, turnsLeft: 0, history: null, session: -1 })
    }
  const rounds = arrivals.kind === "rounds" ? makeRounds(arrivals) : null
  // The prompt whose samples come one after the other.
  let sampled: readonly PromptPiece[] = []
  let sampledClass = 0
  let sessions = 0

  const lengths: Lengths = { prompt: 0, output: 0 }

  const write = (
    into: Arrival,
    client: Client,
    classIndex: number,
    shared: readonly PromptPiece[] | null,
    draw = draws[classIndex]!.lengths
  ): void => {
    draw(client, lengths)
    into.session = -1
    into.classIndex = classIndex
    into.promptTokens = lengths.prompt
    if (shared !== null) for (let index = 0; index < shared.length; index++) into.promptTokens += shared[index]!.tokens
    into.outputTokens = lengths.output
    into.pieces = shared
    into.outputPiece = 0
  }

  /** A turn: the prompt begins with all that was said, and with the answer becomes part of it while turns are left. */
  const writeTurn = (into: Arrival, waiting: Waiting): void => {
    const { client, classIndex, history } = waiting
    if (history === null) {
      waiting.session = classes[classIndex]!.conversation === null ? -1 : sessions++
      write(into, client, classIndex, draws[classIndex]!.sharedText(client))
    } else write(into, client, classIndex, compacted(classIndex, history), draws[classIndex]!.followUp)
    into.session = waiting.session
    waiting.turnsLeft--
    if (waiting.turnsLeft === 0) {
      waiting.history = null
      return
    }
    const asked = [...(into.pieces ?? []), { id: nextPiece++, tokens: lengths.prompt }]
    into.pieces = asked
    into.outputPiece = nextPiece++
    waiting.history = [...asked, { id: into.outputPiece, tokens: into.outputTokens }]
  }

  /** What was said, summed up where it has become too long: another text, of which no cache knows. */
  const compacted = (classIndex: number, history: readonly PromptPiece[]): readonly PromptPiece[] => {
    const compact = classes[classIndex]!.conversation?.compact
    if (compact === undefined) return history
    const tokens = history.reduce((sum, piece) => sum + piece.tokens, 0)
    return tokens > compact.at ? [{ id: nextPiece++, tokens: compact.to }] : history
  }

  /** Another sample of the same prompt, or another prompt. */
  const writeSample = (into: Arrival, isFirst: boolean): void => {
    if (isFirst) {
      sampledClass = chooseClass(everyone)
      const shared = draws[sampledClass]!.sharedText(everyone)
      write(into, everyone, sampledClass, shared)
      sampled = [...(shared ?? []), { id: nextPiece++, tokens: lengths.prompt }]
    } else {
      // The prompt's own draw is thrown away: outputs alone differ from sample to sample.
      write(into, everyone, sampledClass, null)
      into.promptTokens = sampled.reduce((sum, { tokens }) => sum + tokens, 0)
    }
    into.pieces = sampled
  }

  const writeOpen = (into: Arrival): void => {
    if (recorded !== null) return recorded(into)
    const classIndex = chooseClass(everyone)
    const { sharedText } = draws[classIndex]!
    if (classes[classIndex]!.conversation === null) return write(into, everyone, classIndex, sharedText(everyone))
    const client = makeClient(seed, ` of conversation ${conversations++}`, names)
    const waiting: Waiting = {
      client,
      isUser: false,
      classIndex,
      turnsLeft: draws[classIndex]!.turns(client),
      history: null,
      session: -1
    }
    writeTurn(into, waiting)
    if (waiting.turnsLeft > 0) awaited.set(issued, waiting)
  }

  const writeDue = (into: Arrival, waiting: Waiting): void => {
    if (waiting.turnsLeft === 0) {
      waiting.classIndex = chooseClass(waiting.client)
      waiting.turnsLeft = draws[waiting.classIndex]!.turns(waiting.client)
    }
    writeTurn(into, waiting)
    if (waiting.isUser || waiting.turnsLeft > 0) awaited.set(issued, waiting)
  }

  const peek = (): number => {
    if (issued >= requests) return Infinity
    const time = rounds === null ? Math.min(openNext, due.peek()) : rounds.peek()
    return time < seconds ? time : Infinity
  }

  return {
    peek,
    next: (into) => {
      const time = peek()
      if (time === Infinity) return false
      into.arrivalSeconds = time
      if (rounds !== null) writeSample(into, rounds.take())
      else if (openNext <= due.peek()) {
        writeOpen(into)
        openNext = openTime()
      } else writeDue(into, due.pop())
      issued++
      return true
    },
    ended: (request, _classIndex, now) => {
      rounds?.ended(now)
      if (!isAnswerAwaited) return
      const waiting = awaited.get(request)
      if (waiting === undefined) return
      awaited.delete(request)
      const pause =
        waiting.turnsLeft > 0 ? draws[waiting.classIndex]!.thinkSeconds(waiting.client) : thinkSeconds(waiting.client)
      due.push(now + pause, waiting)
    },
    isExhausted: () => issued >= requests || (peek() === Infinity && awaited.size === 0 && rounds?.isOpen() !== true)
  }
}
