/** Light or dark ground, as the system says unless the reader chose. */
import { palette } from "../model/kinds.ts"

export type Ground = "light" | "dark"

export interface Theme {
  readonly ground: Ground
  readonly colours: readonly string[]
  readonly background: string
  readonly ink: string
  readonly faint: string
  readonly line: string
  readonly accent: string
}

const themes: Readonly<Record<Ground, Omit<Theme, "colours" | "ground">>> = {
  light: { background: "#ffffff", ink: "#1a1a1a", faint: "#666666", line: "#e4e4e4", accent: "#111111" },
  dark: { background: "#111111", ink: "#e6e6e6", faint: "#9a9a9a", line: "#2c2c2c", accent: "#ffffff" }
}

const system = matchMedia("(prefers-color-scheme: dark)")
let chosen: Ground | undefined

export const theme = (): Theme => {
  const ground = chosen ?? (system.matches ? "dark" : "light")
  return { ground, colours: palette(ground), ...themes[ground] }
}

export const applyTheme = (): void => {
  document.documentElement.dataset["ground"] = theme().ground
}

export const switchGround = (): void => {
  chosen = theme().ground === "dark" ? "light" : "dark"
  applyTheme()
}

export const onSystemGround = (listener: () => void): void =>
  system.addEventListener("change", () => {
    applyTheme()
    listener()
  })

/** Whether motion should be left out. */
export const isStill = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches
