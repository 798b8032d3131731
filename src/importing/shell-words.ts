/**
 * A shell script's commands as words: quotes, escapes, continued lines, comments, variables and arrays that the script sets
 * itself, branches that these decide. Nothing is run: `$(...)` stays as it is written.
 */
import { makeBranches, type Undecided } from "./shell-branches.ts"
import { backticked, doubleQuoted, expanded, expansion, fieldsOf, usualBudget } from "./shell-expansion.ts"
import { documentAt, redirectionAt, teeFile, type HereDocument } from "./shell-redirection.ts"

/** One simple command: what its words are, and the variables set in front of it or before. */
export interface ShellCommand {
  readonly words: readonly string[]
  readonly environment: ReadonlyMap<string, string>
}

/** What a script does, as far as it can be read without running it. */
export interface ShellScript {
  readonly commands: readonly ShellCommand[]
  /** Files that it writes from text of its own: `cat > options.yml <<EOF`. */
  readonly files: ReadonlyMap<string, string>
  /** Tests that the script alone does not decide. */
  readonly undecided: readonly Undecided[]
}

/** A quote or bracket that the text never closes. */
export interface Unterminated {
  readonly _tag: "Unterminated"
  readonly what: string
  /** Where it opens, counted from 1. */
  readonly line: number
  readonly column: number
}

const blank = /[ \t\r]/
const operator = /[;&|()]/
const assignment = /^([A-Za-z_]\w*)(\+?)=([\s\S]*)$/
const arrayStart = /^([A-Za-z_]\w*)(\+?)=$/

/** What `export` and its like may be told. */
const declares = /^(?:export|declare|local|readonly|typeset)$/

/**
 * Splits a text into its commands; empty ones are left out.
 *
 * @param preset variables that are set when the script starts
 */
export const readShell = (
  text: string,
  preset: ReadonlyMap<string, string> = new Map()
): ShellScript | Unterminated => {
  const files = new Map<string, string>()
  // Texts that begin on the next line, and the file that the command writes.
  let documents: HereDocument[] = []
  let writes: string | undefined
  const texts = new Map(preset)
  const lists = new Map<string, readonly string[]>()
  const variables = { texts, lists, budget: { left: usualBudget } }
  const environment: Environment = { variables: texts, shared: undefined }
  const branches = makeBranches((name, value) => {
    texts.set(name, value)
    environment.shared = undefined
  })
  const commands: ShellCommand[] = []
  let words: string[] = []
  let word: string | undefined
  let array: { readonly name: string; readonly isAdded: boolean; readonly outer: string[] } | undefined
  let at = 0
  let line = 1
  let counted = 0

  const unterminated = (what: string, opened: number): Unterminated => {
    const lines = text.slice(0, opened).split("\n")
    return { _tag: "Unterminated", what, line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
  }
  const endWord = (): void => {
    if (word !== undefined) words.push(word)
    word = undefined
  }
  const lineHere = (): number => {
    for (; counted < at; counted++) if (text[counted] === "\n") line++
    return line
  }
  const endCommand = (next: string): void => {
    endWord()
    if (words.length > 0) {
      const command = simpleCommand(branches.enter(words, lineHere()), environment)
      if (command !== undefined) commands.push(command)
    }
    // An empty line behind && goes on with the command.
    if (words.length > 0 || next !== ";") branches.follow(next)
    words = []
  }
  const add = (piece: string): void => {
    word = (word ?? "") + piece
  }
  const addWords = (pieces: readonly string[]): void => {
    pieces.forEach((piece, index) => {
      if (index > 0) endWord()
      add(piece)
    })
  }
  /** A value outside of quotes is as many words as blanks part, except in an assignment. */
  const addFields = (value: string): void => {
    if (word !== undefined && assignment.test(word)) return add(value)
    if (/^\s/.test(value)) endWord()
    addWords(fieldsOf(value))
    if (/\s$/.test(value)) endWord()
  }

  while (at < text.length) {
    const character = text[at] ?? ""
    const continued = character === "\\" ? /^\\[ \t]*\r?\n/.exec(text.slice(at, at + 200)) : null
    if (continued !== null) {
      // Blanks after the backslash are a slip of copying: the next line is meant to belong to this one.
      at += continued[0].length
    } else if (character === "\\") {
      add(text[at + 1] ?? "\\")
      at += 2
    } else if (character === "'") {
      const end = text.indexOf("'", at + 1)
      if (end < 0) return unterminated("a single quote", at)
      add(text.slice(at + 1, end))
      at = end + 1
    } else if (character === '"') {
      const quoted = doubleQuoted(text, at, variables)
      if (quoted === undefined) return unterminated("a double quote", at)
      addWords(quoted.words)
      at = quoted.end
    } else if (character === "$") {
      const read = expansion(text, at, variables)
      if (read === undefined) return unterminated("a bracket after $", at)
      // What the script does not set stays as it is written, in one word.
      if (read.list !== undefined) addWords(read.list.flatMap(fieldsOf))
      else if (read.value === text.slice(at, read.end)) add(read.value)
      else addFields(read.value)
      at = read.end
    } else if (character === "`") {
      const read = backticked(text, at)
      if (read === undefined) return unterminated("a backtick", at)
      add(read.value)
      at = read.end
    } else if (character === "#" && word === undefined) {
      const end = text.indexOf("\n", at)
      at = end < 0 ? text.length : end
    } else if (array !== undefined && (character === "\n" || character === ")")) {
      endWord()
      at++
      if (character === "\n") continue
      if (!branches.isSkipped())
        lists.set(array.name, [...(array.isAdded ? (lists.get(array.name) ?? []) : []), ...words])
      words = array.outer
      array = undefined
    } else if (character === "(" && word !== undefined && arrayStart.test(word)) {
      const [, name = "", plus] = arrayStart.exec(word) ?? []
      // `else ARGS=(`: the branch begins in front of the array.
      const isBranch = /^(?:then|else|do|\{)$/.test(words[0] ?? "")
      array = { name, isAdded: plus === "+", outer: isBranch ? [...branches.enter(words, lineHere())] : words }
      words = []
      word = undefined
      at++
    } else if (character === "\n") {
      const file = teeFile(words) ?? writes
      const isKept = !branches.isSkipped()
      endCommand(";")
      at++
      for (const { until, isLiteral } of documents) {
        const body = documentAt(text, at, until)
        if (file !== undefined && isKept) files.set(file, isLiteral ? body.value : expanded(body.value, variables))
        at = body.end
      }
      documents = []
      writes = undefined
    } else if (operator.test(character)) {
      const double = text.slice(at, at + 2)
      const isDouble = double === "&&" || double === "||" || double === ";;"
      endCommand(isDouble ? double : character === "|" || character === ")" ? character : ";")
      at += isDouble ? 2 : 1
    } else if (character === "<" || character === ">") {
      const redirection = redirectionAt(text, at)
      at = redirection.end
      if (redirection.document !== undefined) documents.push(redirection.document)
      if (redirection.file !== undefined) writes = expanded(redirection.file, variables)
      // What stands before it is the number of a file, as in 2>&1, or a word.
      if (word !== undefined && /^\d$/.test(word)) word = undefined
      endWord()
    } else if (blank.test(character)) {
      endWord()
      at++
    } else {
      add(character)
      at++
    }
  }
  endCommand(";")
  return { commands, files, undecided: branches.undecided }
}

/** Each command has all of them: a file of nothing but assignments is no script. */
const mostVariables = 2000

/** Variables, and a copy of them that commands share until one changes. */
interface Environment {
  readonly variables: Map<string, string>
  shared: ReadonlyMap<string, string> | undefined
}

/** Assignments in front set variables of the command; alone, or after `export`, of the whole script. */
const simpleCommand = (words: readonly string[], environment: Environment): ShellCommand | undefined => {
  const { variables } = environment
  let first = 0
  const own = new Map<string, string>()
  const isExport = declares.test(words[0] ?? "")
  if (isExport) while (first === 0 || words[first]?.startsWith("-") === true) first++
  for (; first < words.length; first++) {
    const [, name, plus, value] = assignment.exec(words[first] ?? "") ?? []
    if (name === undefined || value === undefined) break
    own.set(name, plus === "+" ? `${own.get(name) ?? variables.get(name) ?? ""}${value}` : value)
  }
  const rest = words.slice(first)
  if (isExport || rest.length === 0) {
    for (const [name, value] of own) {
      if (variables.size >= mostVariables && !variables.has(name)) continue
      variables.set(name, value)
      environment.shared = undefined
    }
    return undefined
  }
  environment.shared ??= new Map(variables)
  return { words: rest, environment: own.size === 0 ? environment.shared : new Map([...variables, ...own]) }
}
