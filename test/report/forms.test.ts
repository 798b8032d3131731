import { describe, expect, test } from "vitest"
import { breakdownBar } from "../../src/charts/index.ts"
import { reportCsv, reportDocument, reportHtml, reportMarkdown, type Report } from "../../src/report/index.ts"

const reportWith = (name: string): Report => ({
  kind: "serving",
  title: name,
  about: [name],
  answer: `8 GPUs serve ${name}.`,
  figures: [
    { name: "first token, p99", value: 0.103, unit: "s", shown: "103 ms", note: name },
    { name: "cost", value: null, unit: "$", shown: "not known" }
  ],
  trust: name,
  picture: breakdownBar({ title: name, parts: [{ name, value: 1, colour: "compute" }], unit: "time, s" }),
  assumptions: [name],
  sections: [
    {
      id: "time",
      title: name,
      blocks: [
        { kind: "text", text: name },
        { kind: "list", items: [name] },
        {
          kind: "table",
          table: {
            name,
            columns: [
              { name: "run", unit: "" },
              { name: "time", unit: "s", show: (value) => `${value} s` }
            ],
            rows: [
              [name, 1.5],
              ["=1+1", Number.NaN],
              ["none", null]
            ]
          }
        },
        {
          kind: "file",
          file: { name: "vllm", title: name, language: "bash", text: `vllm serve ${name}\n\`\`\`\n`, remarks: [name] },
          isFolded: true
        }
      ]
    }
  ],
  provenance: [
    {
      version: "0.1.0",
      hash: "0123456789abcdef",
      seed: 1,
      command: `windtunnel run ${name}`,
      scenario: { name },
      remarks: [name]
    }
  ]
})

const hostile = "</title><script>alert(1)</script><img src=x onerror=alert(2)> | [x](javascript:alert(3)) `y` \u0000"

/** Elements of a page that opened and never closed, or closed and never opened. */
const unbalanced = (html: string): readonly string[] => {
  const open: string[] = []
  const wrong: string[] = []
  for (const [, slash, name = "", , empty] of html.matchAll(/<(\/)?([a-z][a-z0-9]*)((?:\s[^<>]*?)?)(\/)?>/g)) {
    if (name === "meta" || empty !== undefined) continue
    if (slash === undefined) open.push(name)
    else if (open.pop() !== name) wrong.push(name)
  }
  return [...open, ...wrong]
}

describe("HTML", () => {
  const html = reportHtml(reportWith(hostile))

  test("stands by itself: no script, nothing from elsewhere, and a policy that forbids both", () => {
    expect(html).not.toMatch(/<(?:script|img|iframe|link|a)\b|url\(http|@import/)
    expect(html.replaceAll(/="[^"]*"/g, "")).not.toMatch(/<[^<>]*\s(?:src|href|on\w+)[^<>]*>/)
    expect(html).toContain(`content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;"`)
    // The only addresses are names of XML.
    expect([...html.matchAll(/https?:\/\/[^"\s]*/g)].map(([address]) => address)).toEqual([
      "http://www.w3.org/2000/svg"
    ])
  })

  test("shows hostile names as text", () => {
    expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;")
    expect(unbalanced(html)).toEqual([])
  })

  test("has the answer, the figures and the numbers of tables", () => {
    const plain = reportHtml(reportWith("chat"))
    expect(plain).toContain('<p class="answer">8\u00A0GPUs serve chat.</p>')
    expect(plain).toContain("<dd>103 ms<small>chat</small></dd>")
    expect(plain).toMatch(/<td class="number">1.5 s<\/td>/)
    expect(plain).toMatch(/<th scope="row">=1\+1<\/th><td class="number">-<\/td>/)
    expect(plain).toContain("prefers-color-scheme:dark")
    expect(plain).toContain("@page{size:A4")
  })
})

describe("Markdown", () => {
  const markdown = reportMarkdown(reportWith(hostile))

  test("shows hostile names as text, in one line and one cell", () => {
    const outside = markdown.replaceAll(/^(`{3,})[a-z]*\n[^]*?^\1$/gm, "")
    expect(outside).not.toMatch(/(?<!\\)<(?:script|img)/)
    expect(outside).not.toMatch(/(?<!\\)\]\(/)
    const rows = outside.split("\n").filter((line) => line.startsWith("| "))
    const cells = rows.map((row) => row.split(/(?<!\\)\|/).length - 2)
    expect(new Set(cells)).toEqual(new Set([2, 3, 4]))
  })

  test("fences a command with backticks more widely", () => {
    expect(reportMarkdown(reportWith("chat"))).toContain("````bash\nvllm serve chat\n```\n````")
  })
})

/** A CSV of quoted fields read again (RFC 4180). */
const readCsv = (text: string): readonly (readonly string[])[] =>
  text
    .split("\r\n")
    .slice(0, -1)
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
        ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? ""
      )
    )

describe("CSV", () => {
  const rows = readCsv(reportCsv(reportWith('say "hi", please')))

  test("has six columns in every row, numbers in SI units", () => {
    expect(new Set(rows.map(({ length }) => length))).toEqual(new Set([6]))
    expect(rows).toContainEqual(["key figures", "", "", "first token, p99", "0.103", "s"])
    expect(rows).toContainEqual(['say "hi", please', 'say "hi", please', 'say "hi", please', "time", "1.5", "s"])
    expect(rows).toContainEqual(["key figures", "", "", "cost", "", "$"])
  })

  test("gives a spreadsheet no formula", () => {
    expect(rows.flat().filter((cell) => cell.includes("=1+1"))).toEqual(["'=1+1"])
    for (const start of ["=", "+", "-", "@"])
      expect(reportCsv(reportWith(`${start}cmd|x`))).not.toMatch(new RegExp(`(?:^|,)"?\\${start}cmd`, "m"))
  })
})

describe("JSON", () => {
  test("is data alone: no drawing, no NaN, every number with its unit", () => {
    const document = JSON.parse(JSON.stringify(reportDocument(reportWith("chat"))))
    expect(document).toMatchObject({
      version: 1,
      report: "serving",
      answer: "8 GPUs serve chat.",
      figures: [
        { name: "first token, p99", value: 0.103, unit: "s", note: "chat" },
        { name: "cost", value: null, unit: "$", note: null }
      ],
      picture: {
        columns: [
          { name: "part", unit: "" },
          { name: "time", unit: "s" },
          { name: "share", unit: "share" }
        ],
        rows: [["chat", 1, 1]]
      },
      runs: [{ hash: "0123456789abcdef", seed: 1, command: "windtunnel run chat", scenario: { name: "chat" } }]
    })
    expect(document.sections[0].blocks[2].table.rows).toEqual([["chat", 1.5], ["=1+1", null], ["none", null]]) // prettier-ignore
    expect(JSON.stringify(document)).not.toContain("<svg")
  })
})

describe("an interval of a key figure", () => {
  const sure: Report = {
    ...reportWith("chat"),
    figures: [
      {
        name: "iteration",
        value: 100,
        unit: "s",
        shown: "100 s",
        interval: "90 %: 80 s to 125 s",
        ranges: [
          { level: 0.5, low: 95, high: 105 },
          { level: 0.9, low: 80, high: null }
        ]
      }
    ]
  }

  test("stands below the figure on the page, and beside it in Markdown", () => {
    expect(reportHtml(sure)).toContain("<dd>100 s<small>90\u00A0%: 80\u00A0s to 125\u00A0s</small></dd>")
    expect(reportMarkdown(sure)).toContain("| iteration | 100 s | 90 %: 80 s to 125 s |  |")
  })

  test("is data in JSON and CSV: an end that nothing bounds is null, and empty", () => {
    expect(reportDocument(sure).figures[0]?.intervals).toEqual(sure.figures[0]?.ranges)
    expect(reportDocument(reportWith("chat")).figures[0]?.intervals).toBeNull()
    expect(reportCsv(sure)).toContain(
      '"iteration, 50 % interval from",95,s\r\nkey figures,,,"iteration, 50 % interval to",105,s'
    )
    expect(reportCsv(sure)).toContain('"iteration, 90 % interval to",,s')
  })
})

test("every chart of the page, the first one too, has its numbers", () => {
  const html = reportHtml(reportWith("chat"))
  const charts = html.match(/<figure>/g) ?? []
  expect(charts).toHaveLength(1)
  expect(html.match(/<summary>The numbers<\/summary>/g)).toHaveLength(charts.length)
})
