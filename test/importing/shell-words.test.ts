import { describe, expect, test } from "vitest"
import { readShell, type ShellScript } from "../../src/importing/shell-words.ts"
import { randomStream } from "../../src/random/index.ts"

const script = (text: string): ShellScript => {
  const read = readShell(text)
  if ("_tag" in read) throw new Error(read.what)
  return read
}

const words = (text: string): readonly (readonly string[])[] => script(text).commands.map((command) => command.words)

describe("words of a shell", () => {
  test.each<[string, string, readonly (readonly string[])[]]>([
    ["blanks part them", "vllm  serve\tm\r\n", [["vllm", "serve", "m"]]],
    ["single quotes keep everything", `a '{"b": "c d"}' 'e\\n'`, [["a", '{"b": "c d"}', "e\\n"]]],
    [
      "double quotes keep blanks, and take four escapes",
      String.raw`a "b \"c\" \n \\ \$x"`,
      [["a", String.raw`b "c" \n \ $x`]]
    ],
    ["quotes in the middle of a word", `--x='a b'"c d"e`, [["--x=a bc de"]]],
    ["an empty word is one", `a '' ""`, [["a", "", ""]]],
    ["a backslash keeps the next character", String.raw`a\ b \"c`, [["a b", '"c']]],
    ["a line that goes on", "a \\\n  b \\\r\n c", [["a", "b", "c"]]],
    ["a line that goes on, with a blank slipped behind the backslash", "a \\ \n  b", [["a", "b"]]],
    ["comments end with their line, and start with a word", "# x 'y\na # b\nc d#e", [["a"], ["c", "d#e"]]],
    [
      "commands end with a line, a semicolon, an operator",
      "a; b && c || d | e & f",
      [["a"], ["b"], ["c"], ["d"], ["e"], ["f"]]
    ],
    ["redirections are no words", "a > log.txt 2>&1 b >>x < y &", [["a", "b"]]],
    ["a command substitution stays as it is", 'a $(nproc --all) "$(cat x)"', [["a", "$(nproc --all)", "$(cat x)"]]]
  ])("%s", (_, text, expected) => {
    expect(words(text)).toEqual(expected)
  })

  test("variables that the script sets are put in, others stay", () => {
    expect(words('MODEL=org/m\nexport TP=8 PP="2"\nx $MODEL ${TP} "${PP}-${NO:-3}" $OTHER \'$TP\' ${GONE}')).toEqual([
      ["x", "org/m", "8", "2-3", "$OTHER", "$TP", "${GONE}"]
    ])
  })

  test("assignments in front are the command's environment", () => {
    const { commands } = script("A=1 B='x y' run c=2\nother")
    expect(commands.map(({ environment, words: own }) => [own, [...environment]])).toEqual([
      [["run", "c=2"], [["A", "1"], ["B", "x y"]]], // prettier-ignore
      [["other"], []]
    ])
  })

  test("texts that a script carries are files, not commands", () => {
    const { commands, files } = script(
      "cat > a.yml <<'EOF'\nx: don't\nEOF\ncat <<END >> \"b c\"\n1\n2\nEND\ntee -a d <<-EOF > /dev/null\n\tz\n\tEOF\nrun it\nread <<EOF\nlost"
    )
    expect(commands.map((command) => command.words)).toEqual([
      ["cat"],
      ["cat"],
      ["tee", "-a", "d"],
      ["run", "it"],
      ["read"]
    ])
    expect([...files]).toEqual([
      ["a.yml", "x: don't"],
      ["b c", "1\n2"],
      ["d", "\tz"]
    ])
  })

  test("what is never closed is pointed at", () => {
    expect(readShell("a b\nc 'd e\nf")).toEqual({
      _tag: "Unterminated",
      what: "a single quote",
      line: 2,
      column: 3
    })
    expect(readShell('a "b')).toMatchObject({ what: "a double quote", line: 1, column: 3 })
    expect(readShell("a $(b")).toMatchObject({ what: "a bracket after $" })
    expect(readShell("a ${b")).toMatchObject({ what: "a bracket after $" })
  })

  test("any text quoted as a shell wants it comes back as one word", () => {
    const draw = randomStream(1, "words")
    const letters = ["a", " ", "'", '"', "\\", "\n", "$", "#", ";", "=", "{", "(", "é", "&", ">"]
    for (let round = 0; round < 500; round++) {
      const text = Array.from(
        { length: Math.floor(draw() * 12) },
        () => letters[Math.floor(draw() * letters.length)]
      ).join("")
      const quoted = `'${text.replaceAll("'", `'\\''`)}'`
      expect(words(`run ${quoted} end`)).toEqual([["run", text, "end"]])
    }
  })
})
