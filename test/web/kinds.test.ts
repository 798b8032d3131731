import { describe, expect, test } from "vitest"
import { colourClasses, colourOf, inkOn, kindOfColour, luminance, palette } from "../../web/model/kinds.ts"

/** Dichromats' view of linear RGB, severity 1 (Machado, Oliveira and Fernandes 2009, table of matrices). */
const sight = {
  everyone: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881]
} as const

const linear = (hex: string): readonly number[] =>
  [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })

/** CIE L*a*b* under D65. */
const lab = ([red = 0, green = 0, blue = 0]: readonly number[]): readonly [number, number, number] => {
  const x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
  const y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
  const z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
  const [fx, fy, fz] = [x, y, z].map((one) => (one > 0.008856 ? Math.cbrt(one) : 7.787 * one + 16 / 116)) as [
    number,
    number,
    number
  ]
  return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)]
}

const seen = (hex: string, matrix: readonly number[]): readonly [number, number, number] => {
  const colour = linear(hex)
  const row = (at: number): number =>
    Math.min(1, Math.max(0, matrix[at]! * colour[0]! + matrix[at + 1]! * colour[1]! + matrix[at + 2]! * colour[2]!))
  return lab([row(0), row(3), row(6)])
}

const distance = (a: string, b: string, matrix: readonly number[]): number => {
  const [one, other] = [seen(a, matrix), seen(b, matrix)]
  return Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2])
}

describe("colours", () => {
  test.for(["light", "dark"] as const)("of any two kinds differ for every reader on the %s ground", (ground) => {
    const colours = palette(ground)
    const close: string[] = []
    for (const [name, matrix] of Object.entries(sight))
      colours.forEach((a, index) => {
        colours.slice(index + 1).forEach((b, offset) => {
          const far = distance(a, b, matrix)
          if (far < 13)
            close.push(
              `${name}: ${kindOfColour(index)} ${a} and ${kindOfColour(index + 1 + offset)} ${b}, ${far.toFixed(1)}`
            )
        })
      })
    expect(close).toEqual([])
  })

  test("labels can be read on them", () => {
    for (const ground of ["light", "dark"] as const)
      for (const colour of palette(ground)) {
        const [light, dark] = [luminance(inkOn(colour)), luminance(colour)].sort((a, b) => b - a) as [number, number]
        expect((light + 0.05) / (dark + 0.05), colour).toBeGreaterThan(4.5)
      }
  })

  test("are given by stream, name and category", () => {
    const kindAndShade = (...args: Parameters<typeof colourOf>): string => {
      const { kind, shade } = colourClasses[colourOf(...args)]!
      return `${kind} ${shade}`
    }
    expect(kindAndShade("schedule", "F 12")).toBe("compute plain")
    expect(kindAndShade("schedule", "B 12")).toBe("compute backward")
    expect(kindAndShade("schedule", "W 12")).toBe("compute backward")
    expect(kindAndShade("schedule", "optimizer")).toBe("memory plain")
    expect(kindAndShade("compute", "QKV projection (recompute)")).toBe("compute backward")
    expect(kindAndShade("compute", "gradient accumulation")).toBe("memory plain")
    expect(kindAndShade("steps", "prefill 1, decode 3")).toBe("compute plain")
    expect(kindAndShade("steps", "71 decode steps of 3")).toBe("compute backward")
    expect(kindAndShade("tensor", "attention all-reduce")).toBe("tensor plain")
    expect(kindAndShade("pipeline", "send F 1")).toBe("pipeline plain")
    expect(kindAndShade("thread 7", "whatever")).toBe("other plain")
    expect(kindAndShade("thread 7", "ncclKernel_AllToAll", "kernel")).toBe("expert plain")
    expect(kindAndShade("thread 7", "c10d::allreduce_", "cpu_op")).toBe("host plain")
  })
})
