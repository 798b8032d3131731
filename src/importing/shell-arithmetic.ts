/**
 * Whole-number arithmetic of a shell: what stands in `$((...))`.
 */

const tokenPattern = /\s*(?:(\d+)|\$?\{?([A-Za-z_]\w*)\}?|(\*\*|[-+*/%()]))/y

const deepest = 50

/**
 * The value of an expression of + - * / % ** and brackets; undefined where it is none, or where a name has no value.
 *
 * @param lookUp the text of a variable
 */
export const arithmetic = (text: string, lookUp: (name: string) => string | undefined): number | undefined => {
  const tokens = tokensOf(text, lookUp)
  if (tokens === undefined) return undefined
  let at = 0
  let depth = 0

  const primary = (): number => {
    const token = tokens[at++]
    if (typeof token === "number") return token
    if (token === "-") return -primary()
    if (token === "+") return primary()
    if (token !== "(" || ++depth > deepest) return Number.NaN
    const value = sum()
    depth--
    return tokens[at++] === ")" ? value : Number.NaN
  }
  const power = (): number => {
    const base = primary()
    if (tokens[at] !== "**") return base
    at++
    return base ** power()
  }
  const product = (): number => {
    let value = power()
    for (;;) {
      const operator = tokens[at]
      if (operator !== "*" && operator !== "/" && operator !== "%") return value
      at++
      const other = power()
      value = operator === "*" ? value * other : operator === "/" ? Math.trunc(value / other) : value % other
    }
  }
  const sum = (): number => {
    let value = product()
    for (;;) {
      const operator = tokens[at]
      if (operator !== "+" && operator !== "-") return value
      at++
      value += operator === "+" ? product() : -product()
    }
  }
  const value = sum()
  return at === tokens.length && Number.isSafeInteger(value) ? value : undefined
}

/** More than any script has, so that the parser's recursion stays shallow. */
const longest = 500

const tokensOf = (
  text: string,
  lookUp: (name: string) => string | undefined
): readonly (number | string)[] | undefined => {
  const tokens: (number | string)[] = []
  const pattern = new RegExp(tokenPattern)
  const trimmed = text.trim()
  while (pattern.lastIndex < trimmed.length) {
    const [, digits, name, operator] = pattern.exec(trimmed) ?? []
    if (tokens.length > longest) return undefined
    if (digits !== undefined) tokens.push(Number(digits))
    else if (operator !== undefined) tokens.push(operator)
    else {
      const value = name === undefined ? undefined : lookUp(name)
      if (value === undefined || !/^\s*-?\d+\s*$/.test(value)) return undefined
      tokens.push(Number(value))
    }
  }
  return tokens
}
