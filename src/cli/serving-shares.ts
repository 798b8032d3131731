/**
 * Where a replica's time goes, as a list of named shares.
 */

export interface Share {
  readonly name: string
  readonly share: number
}

interface Breakdown {
  readonly prefill: object
  readonly decode: object
  readonly communication: number
  readonly host: number
  readonly bubble: number
  readonly idle: number
}

const kindNames: Readonly<Record<string, string>> = {
  gemm: "matrices",
  head: "LM head",
  transfer: "weights streaming"
}

const byKind = (step: string, shares: object): readonly Share[] =>
  Object.entries(shares).map(([kind, share]) => ({
    name: `${step}: ${kindNames[kind] ?? kind}`,
    share: typeof share === "number" ? share : 0
  }))

/** The parts of an average stage's time, which add up to 1. */
export const servingShares = ({ prefill, decode, communication, host, bubble, idle }: Breakdown): readonly Share[] => [
  ...byKind("decode", decode),
  ...byKind("prefill", prefill),
  { name: "communication", share: communication },
  { name: "host", share: host },
  { name: "pipeline bubble", share: bubble },
  { name: "idle", share: idle }
]
