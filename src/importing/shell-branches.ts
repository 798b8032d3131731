/**
 * The branches of a script that are taken: `if [ "$A" = b ]; then ... else ... fi`, `[ test ] && command`.
 *
 * Tests on texts and numbers that the script itself sets are decided. A variable that it does not set is taken to be empty, and
 * what only the machine knows to hold, so that files are there; both are told. The body of a `for` is read once, with the first of its values; that of a `while`, which
 * reads arguments, not at all.
 */

/** A test that the script alone does not decide, and what it was taken to be. */
export interface Undecided {
  readonly text: string
  readonly line: number
  readonly holds: boolean
}

export interface Branches {
  /** What of a command is left to do: the words behind keywords and loops, none where the branch is not taken. */
  readonly enter: (words: readonly string[], line: number) => readonly string[]
  /** The operator behind the command that was entered last: && || | ) ;; or ; which is a line's end as well. */
  readonly follow: (operator: string) => void
  /** Whether the place that was reached is skipped. */
  readonly isSkipped: () => boolean
  readonly undecided: readonly Undecided[]
}

interface Frame {
  /** What is read of an `if` or a `case`: a condition, a pattern, or what it decides. */
  kind: "condition" | "pattern" | "body"
  /** What a `case` is about. */
  word: string
  /** What the condition came to so far. */
  holds: boolean
  /** Whether an earlier branch was taken. */
  taken: boolean
  active: boolean
}

export const makeBranches = (assign: (name: string, value: string) => void): Branches => {
  const frames: Frame[] = []
  const undecided: Undecided[] = []
  let operator = ";"
  // Whether && or || skips the next command, and what the last test came to.
  let isChained = false
  let last: boolean | undefined

  const isSkipped = (): boolean => isChained || frames.some(({ kind, active }) => kind === "body" && !active)
  const decide = (words: readonly string[], line: number): boolean => {
    const outcome = testOf(words)
    // Files are there: a test that one is missing does not hold.
    const holds = outcome ?? words[1] !== "!"
    if ((outcome === undefined || isAboutUnset(words)) && !isSkipped())
      undecided.push({ text: words.join(" "), line, holds })
    return holds
  }
  const conditionOf = (frame: Frame, words: readonly string[], line: number, isFirst: boolean): void => {
    if (words.length === 0) return
    const outcome = frame.taken || decide(words, line)
    frame.holds =
      isFirst || operator === ";" ? outcome : operator === "||" ? frame.holds || outcome : frame.holds && outcome
  }

  const enter = (words: readonly string[], line: number): readonly string[] => {
    const [first = "", ...rest] = words
    const frame = frames.at(-1)
    last = undefined
    switch (first) {
      case "if": {
        // Inside of a branch that is not taken no branch is.
        const opened: Frame = { kind: "condition", word: "", holds: true, taken: isSkipped(), active: false }
        frames.push(opened)
        conditionOf(opened, rest, line, true)
        return []
      }
      case "elif":
        if (frame === undefined) return enter(rest, line)
        frame.kind = "condition"
        conditionOf(frame, rest, line, true)
        return []
      case "then":
        if (frame !== undefined) {
          frame.kind = "body"
          frame.active = frame.holds && !frame.taken
          frame.taken ||= frame.active
        }
        return enter(rest, line)
      case "else":
        if (frame !== undefined) {
          frame.active = !frame.taken
          frame.taken = true
        }
        return enter(rest, line)
      case "fi":
        frames.pop()
        return []
      case "for":
        if (!isSkipped() && rest[1] === "in" && rest[0] !== undefined && rest[2] !== undefined) assign(rest[0], rest[2])
        frames.push(loop(true))
        return []
      case "while":
      case "until":
        frames.push(loop(false))
        return []
      case "done":
      case "esac":
        frames.pop()
        return []
      case "case": {
        const opened: Frame = { kind: "pattern", word: rest[0] ?? "", holds: false, taken: isSkipped(), active: false }
        frames.push(opened)
        if (rest.length > 2) opened.holds = matches(opened.word, rest.at(-1) ?? "")
        return []
      }
      case "}":
        return []
      case "do":
      case "{":
      case "time":
      case "!":
        return enter(rest, line)
    }
    if (frame?.kind === "pattern") {
      frame.holds ||= matches(frame.word, first)
      return []
    }
    if (frame?.kind === "condition") {
      conditionOf(frame, words, line, false)
      return []
    }
    if (isSkipped()) return []
    if (isTest(first)) {
      last = testOf(words)
      return []
    }
    return words
  }
  const follow = (next: string): void => {
    const frame = frames.at(-1)
    if (next === ")" && frame?.kind === "pattern") {
      frame.kind = "body"
      frame.active = frame.holds && !frame.taken
      frame.taken ||= frame.active
    }
    if (next === ";;" && frame !== undefined) {
      frame.kind = "pattern"
      frame.holds = false
    }
    if (next === "&&") isChained = isChained || last === false
    else if (next === "||") isChained = last === true
    else isChained = false
    operator = next
  }
  return { enter, follow, isSkipped, undecided }
}

const loop = (active: boolean): Frame => ({ kind: "body", word: "", holds: true, taken: true, active })

/** A pattern of a `case`; a variable that nobody sets is empty. */
const matches = (word: string, pattern: string): boolean => {
  const text = unset.test(word) ? "" : word
  if (!/[*?]/.test(pattern)) return text === pattern
  if (pattern.length > 100) return false
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
  return new RegExp(`^${escaped.replaceAll(/\*+/g, ".*").replaceAll("?", ".")}$`, "s").test(text)
}

const isTest = (word: string): boolean => word === "[" || word === "[[" || word === "test"

/** A variable that the script does not set. */
const unset = /^\$\{?\w+\}?$/
/** One that whoever starts the script does: arguments, and what schedulers and launchers tell. */
const given = /^\$\{?(?:\d|SLURM|PBS|LSB|OMPI|PMI|RANK|LOCAL_RANK|NODE_RANK|HOST)/
const isTold = (word: string): boolean => given.test(word)

/** A comparison that rests on a variable being empty; -z and -n ask for just that. */
const isAboutUnset = (words: readonly string[]): boolean =>
  isTest(words[0] ?? "") && !words.includes("-z") && !words.includes("-n") && words.some((word) => unset.test(word))

const comparisons: Readonly<Record<string, (one: number, other: number) => boolean>> = {
  "-eq": (one, other) => one === other,
  "-ne": (one, other) => one !== other,
  "-gt": (one, other) => one > other,
  "-ge": (one, other) => one >= other,
  "-lt": (one, other) => one < other,
  "-le": (one, other) => one <= other
}

/** What a test of texts or numbers comes to; undefined where only the machine knows. */
const testOf = (words: readonly string[]): boolean | undefined => {
  const [first = "", ...rest] = words
  if (first === "true") return true
  if (first === "false") return false
  if (!isTest(first)) return undefined
  const inside = rest.filter((word) => word !== "]" && word !== "]]")
  const isNegated = inside[0] === "!"
  const [one, sign, other, ...more] = isNegated ? inside.slice(1) : inside
  if (one === undefined || more.length > 0) return undefined
  const outcome = simpleTest(one, sign, other)
  return outcome === undefined ? undefined : outcome !== isNegated
}

const simpleTest = (one: string, sign: string | undefined, other: string | undefined): boolean | undefined => {
  // A variable that is not set is empty to -z and -n, which ask for just that.
  if (one === "-z") return sign === undefined || sign === "" || unset.test(sign)
  if (one === "-n") return sign !== undefined && sign !== "" && !unset.test(sign)
  if (sign === undefined || other === undefined || isTold(one) || isTold(other)) return undefined
  const compare = comparisons[sign]
  if (compare !== undefined)
    return /^-?\d+$/.test(one) && /^-?\d+$/.test(other) ? compare(Number(one), Number(other)) : undefined
  if (/[*?[]/.test(other)) return undefined
  const isSame = (unset.test(one) ? "" : one) === (unset.test(other) ? "" : other)
  if (sign === "=" || sign === "==") return isSame
  return sign === "!=" ? !isSame : undefined
}
