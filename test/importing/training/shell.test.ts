/** What training scripts do in a shell before they start. */
import { describe, expect, test } from "vitest"
import { readShell } from "../../../src/importing/shell-words.ts"
import { arithmetic } from "../../../src/importing/shell-arithmetic.ts"

const words = (text: string): readonly (readonly string[])[] => {
  const read = readShell(text)
  if ("_tag" in read) throw new Error(read.what)
  return read.commands.map((command) => command.words)
}

describe("arithmetic", () => {
  test.each<[string, number | undefined]>([
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["2 ** 3 ** 2", 512],
    ["17 / 5 % 2", 1],
    ["-4 + $N * ${N}", 60],
    ["N / 0", undefined],
    ["M + 1", undefined],
    ["1 +", undefined],
    ["(".repeat(60) + "1" + ")".repeat(60), undefined]
  ])("%s", (text, expected) => {
    expect(arithmetic(text, (name) => (name === "N" ? "8" : undefined))).toBe(expected)
  })
})

describe("variables", () => {
  test("outside of quotes are as many words as they have, inside one", () => {
    expect(words(`A=" --x 1 \\\n --y 2 "\nrun $A end "$A"`)).toEqual([
      ["run", "--x", "1", "--y", "2", "end", " --x 1  --y 2 "]
    ])
  })

  test("grow, stand in for others, and take defaults", () => {
    expect(words(`A=1\nA+=2\nB="$A 3"\nrun $B \${C:-$A} \${A:+yes} \${C:+no} \${D-\${A}}`)).toEqual([
      ["run", "12", "3", "12", "yes", "12"]
    ])
  })

  test("take defaults without their quotes", () => {
    expect(words(`A=\${1:-"a b"}\nN=\${N:-"8"}\nrun "$A" $((N/2)) \${B:-'$A'}`)).toEqual([
      ["run", "a b", "4", "a", "b"]
    ])
  })

  test("of arrays are words, comments and line ends between them nothing", () => {
    expect(words(`A=(\n  --x 1 # one\n  "--y=2 3"\n)\nA+=(--z)\nrun \${A[@]} "\${A[@]}" \${A[1]}`)).toEqual([
      ["run", "--x", "1", "--y=2", "3", "--z", "--x", "1", "--y=2 3", "--z", "1"]
    ])
  })

  test("are sums of others, and what a command would print stays as it is", () => {
    expect(words("N=4\nrun $((N*8)) $(hostname | head -n 1) $((K+1)) `pwd`/x")).toEqual([
      ["run", "32", "$(hostname | head -n 1)", "$((K+1))", "`pwd`/x"]
    ])
  })
})

describe("branches", () => {
  test("are those that the script's own variables decide", () => {
    expect(
      words(`A=yes\nif [ "$A" = "yes" ]; then run 1; elif [ $A = no ]; then run 2; else run 3; fi\nrun 4`)
    ).toEqual([
      ["run", "1"],
      ["run", "4"]
    ])
    expect(words(`N=2\nif [[ $N -gt 4 ]]; then X=(1); else X=(2); fi\nrun \${X[@]}`)).toEqual([["run", "2"]])
    expect(words(`A=1\n[ $A -eq 2 ] && B=two\n[ $A -eq 1 ] || B=other\nrun $B \${B:-none}`)).toEqual([
      ["run", "$B", "none"]
    ])
    expect(
      words(
        `A=x\nif [[ $A == x ]] || [[ $A == y ]] || [[ -z $A ]]; then run 1; fi; if [ $A = y ] && [ $A = x ]; then run 2; fi`
      )
    ).toEqual([["run", "1"]])
    expect(words(`if [ -z "$GPUS" ]; then GPUS=8; fi\nrun $GPUS`)).toEqual([["run", "8"]])
    expect(words(`A=1\nif [ $A = 0 ]; then\n if [ $A = 1 ]; then run a; else run b; fi\nelse\n run c\nfi`)).toEqual([
      ["run", "c"]
    ])
  })

  test("that only the machine decides are taken, and those of variables that nobody sets are not; both are told", () => {
    const read = readShell(
      'if [ -f x ]; then run 1; fi\nif [ "$DEBUG" = 1 ]; then run 2; fi\nif [ ! -d y ]; then run 3; fi'
    )
    expect(read).toMatchObject({
      commands: [{ words: ["run", "1"] }],
      undecided: [
        { text: "[ -f x ]", line: 1, holds: true },
        { text: "[ $DEBUG = 1 ]", line: 2, holds: false },
        { text: "[ ! -d y ]", line: 3, holds: false }
      ]
    })
  })

  test("of a case are those whose pattern fits", () => {
    expect(words(`S=13b\ncase $S in\n 7b) N=32;;\n 13b|13B)\n  N=40\n  H=1 ;;\n *) N=0 ;;\nesac\nrun $N $H`)).toEqual([
      ["run", "40", "1"]
    ])
    expect(words(`S=70b; case "$S" in 7b) run 7;; 7*b) run all;; *) run other;; esac; run end`)).toEqual([
      ["run", "all"],
      ["run", "end"]
    ])
  })

  test("of a while, which reads arguments, are left out", () => {
    expect(
      words(
        `Z=1\nwhile [[ $# -gt 0 ]]\ndo\ncase $1 in\n -z|--zero)\n Z=$2;\n shift\n ;;\n *)\n Z=3\n ;;\nesac\ndone\nrun $Z`
      )
    ).toEqual([["run", "1"]])
  })

  test("of loops are read once", () => {
    expect(words("for i in 3 4; do run $i; done")).toEqual([["run", "3"]])
  })
})

test("texts that a script writes have its variables in them, unless quoted", () => {
  const read = readShell('N=2\nF="a.$N"\ncat <<EOF > $F\n{"x": $N, "y": $((N*2))}\nEOF\ncat <<\'EOF\' > b\n$N\nEOF')
  expect("files" in read && [...read.files]).toEqual([
    ["a.2", '{"x": 2, "y": 4}'],
    ["b", "$N"]
  ])
})
