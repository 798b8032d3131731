/**
 * The one colour that each kind of work has in timeline, breakdown, charts and report, on a light and a dark ground.
 *
 * Kinds keep their distance for readers with protanopia and deuteranopia as well, which test/charts/palette.test.ts
 * computes. Forward and backward work are two shades of one hue.
 */

export interface Shade {
  readonly light: string
  readonly dark: string
}

export const colours = {
  compute: { light: "#2973c3", dark: "#3e8add" },
  backward: { light: "#91bce9", dark: "#a9cef3" },
  tensor: { light: "#e78508", dark: "#ea8e28" },
  pipeline: { light: "#0f8974", dark: "#49b999" },
  data: { light: "#6a3d97", dark: "#794cb0" },
  expert: { light: "#d473b4", dark: "#ef8dc5" },
  context: { light: "#dfc93d", dark: "#e5d149" },
  memory: { light: "#7a4a1d", dark: "#9d6735" },
  host: { light: "#9f9f9f", dark: "#7e7e7e" },
  other: { light: "#c8cdd3", dark: "#50565d" }
} as const satisfies Readonly<Record<string, Shade>>

export type Colour = keyof typeof colours

/** What is not data: the ground, text, text of less weight, hairlines, and the colour of a goal or a limit. */
export const inks = {
  ground: { light: "#ffffff", dark: "#111111" },
  ink: { light: "#1a1a1a", dark: "#e6e6e6" },
  faint: { light: "#666666", dark: "#9a9a9a" },
  line: { light: "#e4e4e4", dark: "#2c2c2c" },
  limit: { light: "#b3261e", dark: "#ff8a80" }
} as const satisfies Readonly<Record<string, Shade>>

export type Ink = keyof typeof inks

/** The deep end of a scale from the ground on: how good a value is, whatever kind of work it is of. One hue, so that it is safe for everyone. */
export const scales = {
  ramp: { light: "#0d3b76", dark: "#cfe3fa" }
} as const satisfies Readonly<Record<string, Shade>>

/** Relative luminance of a colour such as #2a6fbb (WCAG 2). */
export const luminance = (hex: string): number => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** Contrast of two colours (WCAG 2): 1 = equal, 21 = black on white. */
export const contrast = (one: string, other: string): number => {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (high + 0.05) / (low + 0.05)
}
