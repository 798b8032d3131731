/**
 * A request class made ready to draw from: samplers for its lengths, its shared texts as prompt pieces.
 */
import type { PromptPiece, RequestClass } from "../types.ts"
import type { Client } from "./client.ts"
import { sampler, tokenSampler } from "./distribution.ts"
import { zipfRank } from "./zipf.ts"

export interface ClassDraws {
  /** Prompt and output tokens of a new request, the prompt without what it shares. */
  readonly lengths: (client: Client, into: Lengths) => void
  /** The shared text that a prompt begins with; always the same array for the same text; null when the class has none. */
  readonly sharedText: (client: Client) => readonly PromptPiece[] | null
  /** Turns of a conversation, at least 1; 1 when the class has no conversations. */
  readonly turns: (client: Client) => number
  /** Seconds between an answer and the next turn. */
  readonly thinkSeconds: (client: Client) => number
  /** Prompt and output tokens of a later turn, without what was said before. */
  readonly followUp: (client: Client, into: Lengths) => void
}

/** Written by `lengths`, reused from request to request. */
export interface Lengths {
  prompt: number
  output: number
}

/** Piece ids that a class takes for its shared texts. */
export const sharedTextCount = (requestClass: RequestClass): number =>
  requestClass.sharedPrefix === null ? 0 : Math.max(1, Math.floor(requestClass.sharedPrefix.count))

/**
 * @param classIndex  its place among the workload's classes
 * @param firstId     piece id of its first shared text; the others follow
 */
export const classDraws = (requestClass: RequestClass, classIndex: number, firstId: number): ClassDraws => ({
  lengths: lengthDraws(requestClass, classIndex),
  sharedText: sharedTextDraws(requestClass, classIndex, firstId),
  ...conversationDraws(requestClass, classIndex),
  followUp: followUpDraws(requestClass, classIndex)
})

const followUpDraws = (requestClass: RequestClass, classIndex: number): ClassDraws["followUp"] => {
  const lengths = lengthDraws(requestClass, classIndex)
  const followUp = requestClass.conversation?.followUp
  if (followUp === undefined) return lengths
  const added = tokenSampler(followUp)
  const output = tokenSampler(requestClass.output)
  return (client, into) => {
    into.prompt = added(client.ofClass("follow-up", classIndex))
    into.output = output(client.ofClass("output", classIndex))
  }
}

const lengthDraws = ({ prompt, output, lengths }: RequestClass, classIndex: number): ClassDraws["lengths"] => {
  if (lengths !== undefined) {
    const rows = lengths.promptTokens.length
    return (client, into) => {
      const row = Math.floor(client.ofClass("trace row", classIndex)() * rows)
      into.prompt = lengths.promptTokens[row]!
      into.output = lengths.outputTokens[row]!
    }
  }
  const drawPrompt = tokenSampler(prompt)
  const drawOutput = tokenSampler(output)
  return (client, into) => {
    into.prompt = drawPrompt(client.ofClass("prompt", classIndex))
    into.output = drawOutput(client.ofClass("output", classIndex))
  }
}

const sharedTextDraws = (requestClass: RequestClass, classIndex: number, firstId: number): ClassDraws["sharedText"] => {
  const { sharedPrefix } = requestClass
  if (sharedPrefix === null) return () => null
  const rank = zipfRank(sharedTextCount(requestClass), sharedPrefix.exponent)
  const tokens = Math.max(1, Math.round(sharedPrefix.tokens))
  // Made when first drawn: of a million texts a run may see a few thousand.
  const texts = new Map<number, readonly PromptPiece[]>()
  return (client) => {
    const id = firstId + rank(client.ofClass("shared prefix", classIndex)) - 1
    const known = texts.get(id)
    if (known !== undefined) return known
    const text = [{ id, tokens }]
    texts.set(id, text)
    return text
  }
}

const conversationDraws = (
  { conversation }: RequestClass,
  classIndex: number
): Pick<ClassDraws, "turns" | "thinkSeconds"> => {
  if (conversation === null) return { turns: () => 1, thinkSeconds: () => 0 }
  const turns = tokenSampler(conversation.turns)
  const think = sampler(conversation.thinkTime)
  return {
    turns: (client) => turns(client.ofClass("turns", classIndex)),
    thinkSeconds: (client) => Math.max(0, think(client.ofClass("think time in conversation", classIndex)))
  }
}
