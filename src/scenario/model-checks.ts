/**
 * Fields of an inline model that must agree with one another.
 */
import type { Model } from "../catalog/index.ts"
import type { Finding, Path } from "./issue.ts"

const refuse = (path: Path, given: number, problem: string, expected: string): Finding => ({
  path: ["model", ...path],
  problem,
  given: String(given),
  expected
})

/** What no transformer can be: more active experts than there are, key-value heads that do not divide the heads. */
export const findDisagreements = (model: Model): readonly Finding[] => {
  const { heads, keyValueHeads, layers, experts, slidingWindow } = model
  const found: Finding[] = []
  if (heads % keyValueHeads !== 0)
    found.push(
      refuse(
        ["keyValueHeads"],
        keyValueHeads,
        `${keyValueHeads} key-value heads do not divide ${heads} heads`,
        `a divisor of ${heads}`
      )
    )
  if (experts !== null && experts.active > experts.count)
    found.push(
      refuse(
        ["experts", "active"],
        experts.active,
        `a token cannot go to ${experts.active} of ${experts.count} experts`,
        `at most ${experts.count}`
      )
    )
  if (experts !== null && experts.denseLayers > layers)
    found.push(
      refuse(
        ["experts", "denseLayers"],
        experts.denseLayers,
        `${experts.denseLayers} dense layers are more than ${layers} layers`,
        `at most ${layers}`
      )
    )
  if (slidingWindow !== null && model.sparseAttention !== undefined)
    found.push(
      refuse(
        ["sparseAttention"],
        model.sparseAttention.keys,
        "layers with a window and an indexer together are not modelled",
        "slidingWindow: null, or no sparseAttention"
      )
    )
  const attending = layers - (model.linearAttention?.layers ?? 0)
  if (attending < 0)
    found.push(
      refuse(
        ["linearAttention", "layers"],
        layers - attending,
        `${layers - attending} layers with a state are more than ${layers} layers`,
        `at most ${layers}`
      )
    )
  else if (slidingWindow !== null && slidingWindow.layers > attending)
    found.push(
      refuse(
        ["slidingWindow", "layers"],
        slidingWindow.layers,
        `${slidingWindow.layers} layers with a window are more than ${layers} layers`,
        `at most ${layers}`
      )
    )
  return found
}
