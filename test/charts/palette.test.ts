import { describe, expect, test } from "vitest"
import { colours, contrast, inks, luminance, type Colour } from "../../src/charts/index.ts"

const grounds = ["light", "dark"] as const

type Triple = readonly [number, number, number]

const linear = (hex: string): Triple =>
  [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }) as unknown as Triple

/** Matrices of full dichromacy on linear RGB: Machado, Oliveira and Fernandes 2009, IEEE TVCG 15(6), severity 1. */
const views: Readonly<Record<string, readonly Triple[]>> = {
  everyone: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1]
  ],
  protanopia: [
    [0.152_286, 1.052_583, -0.204_868],
    [0.114_503, 0.786_281, 0.099_216],
    [-0.003_882, -0.048_116, 1.051_998]
  ],
  deuteranopia: [
    [0.367_322, 0.860_646, -0.227_968],
    [0.280_085, 0.672_501, 0.047_413],
    [-0.011_82, 0.042_94, 0.968_881]
  ]
}

/** CIE L*a*b* of linear sRGB under D65. */
const lab = ([red, green, blue]: Triple): Triple => {
  const bent = (value: number): number => (value > 216 / 24_389 ? Math.cbrt(value) : ((24_389 / 27) * value + 16) / 116)
  const x = bent((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.950_47)
  const y = bent(0.2126 * red + 0.7152 * green + 0.0722 * blue)
  const z = bent((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.088_83)
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}

const seen = (hex: string, view: readonly Triple[]): Triple => {
  const [red, green, blue] = linear(hex)
  return lab(view.map(([r, g, b]) => Math.min(1, Math.max(0, r * red + g * green + b * blue))) as unknown as Triple)
}

const apart = (one: Triple, other: Triple): number =>
  Math.hypot(...one.map((value, index) => value - (other[index] ?? 0)))

describe("the colours of the kinds of work", () => {
  const names = Object.keys(colours) as readonly Colour[]
  const pairs = names.flatMap((one, index) => names.slice(index + 1).map((other) => [one, other] as const))

  // A difference (CIE 1976) of 2.3 is just noticeable; 12 is plain side by side.
  test.each(Object.entries(views).flatMap(([name, view]) => grounds.map((ground) => [name, ground, view] as const)))(
    "are told apart by %s on a %s ground",
    (_name, ground, view) => {
      const close = pairs.filter(
        ([one, other]) => apart(seen(colours[one][ground], view), seen(colours[other][ground], view)) < 12
      )
      expect(close).toEqual([])
    }
  )

  test("words are read on their ground: 4.5 to 1 and more (WCAG 2)", () => {
    for (const ground of grounds)
      for (const ink of ["ink", "faint", "limit"] as const)
        expect(contrast(inks[ink][ground], inks.ground[ground])).toBeGreaterThan(4.5)
  })

  test("black on white is 21 to 1", () => {
    expect(luminance("#ffffff")).toBeCloseTo(1)
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21)
  })
})
