/**
 * Which layers are mixtures, as Megatron writes it in Python: `([0]*3+[1]*58)`, `([1]*3+[0]*2)*2`, `[0,1,1]`.
 */

const longest = 10_000

/** A list of 0 and 1, one a layer; undefined where the text is no such expression. */
export const layerPattern = (text: string): readonly number[] | undefined => {
  const tokens = text.replaceAll(/[\s'"]/g, "").match(/\[[01](?:,[01])*\]|[()*+]|\d+|./g) ?? []
  let at = 0
  let depth = 0

  const factor = (): readonly number[] | undefined => {
    const token = tokens[at++] ?? ""
    if (token.startsWith("[") && token.length > 1) return token.slice(1, -1).split(",").map(Number)
    if (token !== "(" || ++depth > 20) return undefined
    const inside = sum()
    depth--
    return tokens[at++] === ")" ? inside : undefined
  }
  const term = (): readonly number[] | undefined => {
    let list = factor()
    while (tokens[at] === "*") {
      const times = Number(tokens[at + 1] ?? "x")
      at += 2
      if (list === undefined || !Number.isInteger(times) || list.length * times > longest) return undefined
      list = Array.from({ length: times }, () => list ?? []).flat()
    }
    return list
  }
  const sum = (): readonly number[] | undefined => {
    let list = term()
    while (tokens[at] === "+") {
      at++
      const more = term()
      if (list === undefined || more === undefined || list.length + more.length > longest) return undefined
      list = list.concat(more)
    }
    return list
  }
  const list = sum()
  return at === tokens.length ? list : undefined
}
