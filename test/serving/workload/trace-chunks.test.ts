import { describe, expect, test } from "vitest"
import { randomStream } from "../../../src/random/index.ts"
import { readPieces, samples } from "./traces.ts"

const texts: Readonly<Record<string, string>> = {
  ...samples,
  "with a byte-order mark": `\ufeff${samples.azure2023}`,
  "with a bad row": samples.plain.replace("0.5,200", "0.5,-200"),
  "cut off": samples.mooncake.slice(0, -30),
  "of no format": "a,b\r\n1,2\r\n"
}

describe.each(Object.entries(texts))("a trace in pieces is the same trace: %s", (_name, text) => {
  const whole = { refuse: readPieces([text]), skip: readPieces([text], { onBadRow: "skip" }) }

  test("cut in two at any character, and character by character", () => {
    for (const onBadRow of ["refuse", "skip"] as const) {
      for (let cut = 0; cut <= text.length; cut++)
        expect(readPieces([text.slice(0, cut), text.slice(cut)], { onBadRow })).toEqual(whole[onBadRow])
      expect(readPieces(text.split(""), { onBadRow })).toEqual(whole[onBadRow])
    }
  })

  test("cut by lot", () => {
    const stream = randomStream(1, "cuts")
    for (let round = 0; round < 100; round++) {
      const pieces: string[] = []
      for (let start = 0; start < text.length;) {
        const end = start + Math.floor(stream() * 40)
        pieces.push(text.slice(start, end))
        start = end
      }
      expect(readPieces(pieces)).toEqual(whole.refuse)
    }
  })
})
