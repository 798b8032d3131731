/**
 * The units that a quantity may be written in, by dimension.
 *
 * Case tells units apart: b is a bit and B a byte, m is milli and M mega. Decimal prefixes are powers of 1000, also for
 * memory, as vendors print them; Ki, Mi, Gi ... are powers of 1024 (IEC 80000-13). Where lower case has no other reading
 * (k and K, bps) both are taken.
 */

/** A quantity's kind; its SI unit inside is s, byte, byte/s, FLOP/s, W, J, Hz, one, US dollar, share of one. */
export type Dimension =
  | "time"
  | "bytes"
  | "bytesPerSecond"
  | "flops"
  | "power"
  | "energy"
  | "frequency"
  | "count"
  | "money"
  | "fraction"

/** How many SI units one of these is, as a ratio of two exact numbers: 5 us = 5 x 1 / 1e6, rounded once. */
export interface UnitRatio {
  readonly times: number
  readonly over: number
}

const whole = (times: number): UnitRatio => ({ times, over: 1 })
const part = (over: number): UnitRatio => ({ times: 1, over })

type Prefixes = ReadonlyArray<readonly [prefix: string, ratio: UnitRatio]>

const none: Prefixes = [["", whole(1)]]
const small: Prefixes = [
  ["m", part(1e3)],
  ["u", part(1e6)],
  // Micro is written with either of two characters: the micro sign and the Greek letter.
  ["\u00b5", part(1e6)],
  ["\u03bc", part(1e6)],
  ["n", part(1e9)],
  ["p", part(1e12)]
]
const large: Prefixes = [
  ["k", whole(1e3)],
  ["K", whole(1e3)],
  ["M", whole(1e6)],
  ["G", whole(1e9)],
  ["T", whole(1e12)],
  ["P", whole(1e15)],
  ["E", whole(1e18)],
  ["Z", whole(1e21)]
]
const binary: Prefixes = [
  ["Ki", whole(2 ** 10)],
  ["Mi", whole(2 ** 20)],
  ["Gi", whole(2 ** 30)],
  ["Ti", whole(2 ** 40)],
  ["Pi", whole(2 ** 50)],
  ["Ei", whole(2 ** 60)]
]

type Entries = ReadonlyArray<readonly [unit: string, ratio: UnitRatio]>

/** Every prefix before every name; `over` divides, as the 8 of bits. */
const prefixed = (prefixes: Prefixes, names: ReadonlyArray<string>, times = 1, over = 1): Entries =>
  prefixes.flatMap(([prefix, ratio]) =>
    names.map((name) => [prefix + name, { times: ratio.times * times, over: ratio.over * over }] as const)
  )

/** Names that share one ratio. */
const named = (names: ReadonlyArray<string>, ratio: UnitRatio): Entries => names.map((name) => [name, ratio] as const)

const byteNames = ["B", "byte", "bytes"]
const bitNames = ["b", "bit", "bits"]
const perSecond = (names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.flatMap((name) => [`${name}/s`, `${name}ps`])
const allSizes: Prefixes = [...none, ...large, ...binary]
const countWords = ["token", "parameter", "request", "sample", "sequence"].flatMap((word) => [word, `${word}s`])
const countSuffixes: Prefixes = [
  ["k", whole(1e3)],
  ["K", whole(1e3)],
  ["M", whole(1e6)],
  ["B", whole(1e9)],
  ["G", whole(1e9)],
  ["T", whole(1e12)]
]

const tables: Readonly<Record<Dimension, Entries>> = {
  time: [
    ...prefixed([...none, ...small], ["s"]),
    ...named(["sec", "second", "seconds"], whole(1)),
    ...named(["min", "minute", "minutes"], whole(60)),
    ...named(["h", "hour", "hours"], whole(3600)),
    ...named(["d", "day", "days"], whole(86_400)),
    ...named(["week", "weeks"], whole(604_800)),
    // The Julian year of 365.25 days, which astronomers and failure rates use.
    ...named(["year", "years"], whole(31_557_600))
  ],
  bytes: [...prefixed(allSizes, byteNames), ...prefixed(allSizes, bitNames, 1, 8)],
  bytesPerSecond: [...prefixed(allSizes, perSecond(byteNames)), ...prefixed(allSizes, perSecond(bitNames), 1, 8)],
  flops: prefixed([...none, ...large], ["FLOP/s", "FLOPS", "FLOPs", "flop/s", "flops", "Flop/s", "Flops"]),
  power: prefixed([...none, ...large, ["m", part(1e3)]], ["W"]),
  energy: [...prefixed([...none, ...large, ["m", part(1e3)]], ["J"]), ...prefixed([...none, ...large], ["Wh"], 3600)],
  frequency: prefixed([...none, ...large, ["m", part(1e3)]], ["Hz"]),
  count: [
    ...named(countWords, whole(1)),
    ...prefixed(countSuffixes, ["", ...countWords.flatMap((word) => [word, ` ${word}`])])
  ],
  money: [
    ...named(["USD", "$"], whole(1)),
    ...prefixed(
      countSuffixes.filter(([suffix]) => suffix !== "G"),
      ["", " USD", "USD"]
    )
  ],
  fraction: named(["%", "percent"], part(100))
}

/** The units of every dimension by their spelling. */
export const unitTable: Readonly<Record<Dimension, ReadonlyMap<string, UnitRatio>>> = {
  time: new Map(tables.time),
  bytes: new Map(tables.bytes),
  bytesPerSecond: new Map(tables.bytesPerSecond),
  flops: new Map(tables.flops),
  power: new Map(tables.power),
  energy: new Map(tables.energy),
  frequency: new Map(tables.frequency),
  count: new Map(tables.count),
  money: new Map(tables.money),
  fraction: new Map(tables.fraction)
}
