import { describe, expect, test } from "vitest"
import { type Dimension, parseQuantity } from "../../src/units/index.ts"

const read: ReadonlyArray<readonly [text: string, dimension: Dimension, value: number]> = [
  ["80 GB", "bytes", 80e9],
  ["80GB", "bytes", 80e9],
  ["80 GiB", "bytes", 85_899_345_920],
  ["1 Gb", "bytes", 125e6],
  ["5EB", "bytes", 5e18],
  ["1e3 kB", "bytes", 1e6],
  ["5 us", "time", 5e-6],
  ["5 \u00b5s", "time", 5e-6],
  ["5 \u03bcs", "time", 5e-6],
  ["0.3 ms", "time", 3e-4],
  ["2 h", "time", 7200],
  ["105 days", "time", 9_072_000],
  [".5 s", "time", 0.5],
  ["  7 min ", "time", 420],
  ["312 TFLOP/s", "flops", 312e12],
  ["989 TFLOPS", "flops", 989e12],
  ["1.2 Pflop/s", "flops", 1.2e15],
  ["400 Gbps", "bytesPerSecond", 50e9],
  ["400 Gb/s", "bytesPerSecond", 50e9],
  ["400 Gbit/s", "bytesPerSecond", 50e9],
  ["50 GB/s", "bytesPerSecond", 50e9],
  ["3.35 TB/s", "bytesPerSecond", 3.35e12],
  ["1 MiB/s", "bytesPerSecond", 1_048_576],
  ["700 W", "power", 700],
  ["10.2 kW", "power", 10_200],
  ["1 kWh", "energy", 3.6e6],
  ["1.98 GHz", "frequency", 1.98e9],
  ["366B", "count", 366e9],
  ["366B tokens", "count", 366e9],
  ["16K", "count", 16_000],
  ["1,024", "count", 1024],
  ["1.5T", "count", 1.5e12],
  ["12 requests", "count", 12],
  ["$2.50", "money", 2.5],
  ["2.50 USD", "money", 2.5],
  ["$1.2M", "money", 1.2e6],
  ["95 %", "fraction", 0.95],
  ["0.95", "fraction", 0.95],
  ["0", "time", 0]
]

const refused: ReadonlyArray<readonly [text: string, dimension: Dimension]> = [
  ["", "time"],
  [" ", "time"],
  ["s", "time"],
  [".", "time"],
  ["NaN", "time"],
  ["Infinity", "time"],
  ["1e999", "time"],
  ["1e300 EB", "bytes"],
  ["-5 s", "time"],
  ["+5 s", "time"],
  ["5 GB", "time"],
  ["5 S", "time"],
  ["80 gb", "bytes"],
  ["80 GB/s", "bytes"],
  ["80 GB", "bytesPerSecond"],
  ["1,02", "count"],
  ["1,0000", "count"],
  ["1 2", "count"],
  ["5 apples", "count"],
  ["0x10", "count"],
  ["1..2", "count"],
  ["$-1", "money"],
  ["5 s s", "time"]
]

describe("a quantity in text", () => {
  test.each(read)("%s as %s is %d", (text, dimension, value) => {
    expect(parseQuantity(text, dimension)).toBe(value)
  })

  test.each(refused)("%j as %s is refused", (text, dimension) => {
    expect(parseQuantity(text, dimension)).toBeUndefined()
  })
})
