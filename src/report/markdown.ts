/**
 * The report as Markdown; a chart is its sentence and its numbers.
 */
import { clipped } from "../charts/index.ts"
import { chartTable } from "./chart-table.ts"
import type { Block, Report, Section, Table } from "./document.ts"
import { isNumeric, shown } from "./show.ts"

export const reportMarkdown = (report: Report): string => {
  const { title, about, answer, figures, trust, picture, assumptions, sections, provenance } = report
  const lines = [
    `# ${plain(title)}`,
    plain(about.join(" · ")),
    `**${plain(answer)}**`,
    tableOf({
      name: "",
      columns: [
        { name: "figure", unit: "" },
        { name: "value", unit: "" },
        { name: "interval", unit: "" },
        { name: "", unit: "" }
      ],
      rows: figures.map((figure) => [figure.name, figure.shown, figure.interval ?? "", figure.note ?? ""])
    }),
    plain(trust),
    ...(picture === null ? [] : blockOf({ kind: "picture", picture })),
    ...(assumptions.length === 0 ? [] : ["## What this assumes", items(assumptions)]),
    ...sections.flatMap(sectionOf),
    "## To run it again",
    ...provenance.flatMap(({ version, hash, seed, command, scenario, remarks }) => [
      fenced("bash", command),
      `windtunnel ${version}, scenario ${hash}, seed ${seed}. The same scenario and seed give the same numbers on any machine.`,
      ...(remarks.length === 0 ? [] : [items(remarks)]),
      fenced("json", JSON.stringify(scenario, null, 2) ?? "")
    ])
  ]
  return `${lines.join("\n\n")}\n`
}

const sectionOf = ({ title, blocks }: Section): readonly string[] => [`## ${plain(title)}`, ...blocks.flatMap(blockOf)]

const blockOf = (block: Block): readonly string[] => {
  switch (block.kind) {
    case "text":
      return [plain(block.text)]
    case "list":
      return [items(block.items)]
    case "table":
      return [...(block.table.name === "" ? [] : [plain(block.table.name)]), tableOf(block.table)]
    case "picture":
      return [`**${plain(block.picture.title)}**`, tableOf(chartTable(block.picture))]
    default:
      return [
        `### ${plain(block.file.title)}`,
        fenced(block.file.language, block.file.text),
        ...(block.file.remarks.length === 0 ? [] : [items(block.file.remarks)])
      ]
  }
}

/** Text on one line in which nothing is markup, links and HTML included. */
export const plain = (text: string): string =>
  clipped(text)
    // oxlint-disable-next-line no-control-regex
    .replaceAll(/[\u0000-\u001F\u007F]+/g, " ")
    .replaceAll(/[\\`*_[\]<>|#~!]/g, (character) => `\\${character}`)
    .replaceAll("&", "&amp;")

const items = (texts: readonly string[]): string => texts.map((text) => `- ${plain(text)}`).join("\n")

/** A block of code whose fence is longer than any inside. */
const fenced = (language: string, text: string): string => {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = "`".repeat(longest + 1)
  return `${fence}${language}\n${text.trimEnd()}\n${fence}`
}

const tableOf = ({ columns, rows }: Table): string => {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`
  return [
    line(columns.map(({ name }) => plain(name))),
    line(columns.map((column) => (isNumeric(column) ? "---:" : "---"))),
    ...rows.map((row) => line(columns.map((column, index) => plain(shown(row[index] ?? null, column)))))
  ].join("\n")
}
