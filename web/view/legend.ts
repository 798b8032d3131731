/** The legend: kinds of work with their colours; each is a switch that hides the kind. */
import { colourClasses, kindLabels, kinds, kindOfColour, type Kind } from "../model/kinds.ts"
import { h, replace, swatch } from "./dom.ts"
import type { Scene } from "./session.ts"
import type { Theme } from "./theme.ts"

/** Kinds that a scene has, in the order of the legend. */
export const kindsOf = (scene: Scene): readonly Kind[] => {
  const known = kindsCache.get(scene)
  if (known !== undefined) return known
  const isUsed = new Uint8Array(256)
  for (const colours of [scene.colour, scene.streams.entryColour])
    for (let index = 0; index < colours.length; index++) isUsed[colours[index]!] = 1
  const found = new Set(colourClasses.flatMap(({ kind }, colour) => (isUsed[colour] === 1 ? [kind] : [])))
  const ordered = kinds.filter((kind) => found.has(kind))
  kindsCache.set(scene, ordered)
  return ordered
}

/** Asked whenever the legend is drawn; a million slices are looked at once. */
const kindsCache = new WeakMap<Scene, readonly Kind[]>()

export type KindLabels = Readonly<Record<Kind, string>>

/** What the kinds are in the course of a whole run. */
const courseLabels: KindLabels = {
  ...kindLabels,
  compute: "steps",
  pipeline: "until noticed",
  data: "swapping nodes",
  memory: "saving",
  host: "restart",
  other: "standing still"
}

/** What the kinds are called: on the lanes of requests, what is no work is waiting. */
export const labelsOf = (scene: Scene): KindLabels => {
  if (scene.runs[0]?.iteration !== undefined) return courseLabels
  if (scene.requests.size === 0) return kindLabels
  const { slices } = scene.whole.trace
  const isWaiting = scene.colour.every(
    (colour, slice) => kindOfColour(colour) !== "other" || scene.requests.has(slices.track[slice]!)
  )
  return isWaiting ? { ...kindLabels, other: "waiting" } : kindLabels
}

export const drawLegend = (
  element: HTMLElement,
  shown: readonly Kind[],
  labels: KindLabels,
  hidden: ReadonlySet<Kind>,
  theme: Theme,
  onToggle: (kind: Kind) => void
): void =>
  replace(
    element,
    ...shown.map((kind) => {
      const classes = colourClasses.flatMap((one, index) => (one.kind === kind ? [index] : []))
      const isShown = !hidden.has(kind)
      return h(
        "button",
        {
          type: "button",
          class: isShown ? "chip" : "chip off",
          "aria-pressed": String(isShown),
          title: `${isShown ? "Hide" : "Show"} ${labels[kind]}`,
          onclick: () => onToggle(kind)
        },
        ...classes.map((index) => swatch(theme.colours[index]!)),
        labels[kind]
      )
    })
  )
