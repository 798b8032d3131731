/**
 * The report as a JSON document, versioned: numbers in SI units, no drawings.
 */
import { chartTable } from "./chart-table.ts"
import type { Block, Report, Table } from "./document.ts"

export const reportDocument = ({ picture, sections, provenance, figures, ...report }: Report) => ({
  version: 1,
  report: report.kind,
  title: report.title,
  about: report.about,
  answer: report.answer,
  figures: figures.map(({ name, value, unit, shown, note, ranges }) => ({
    ...{ name, value, unit, shown, note: note ?? null },
    intervals: ranges ?? null
  })),
  trust: report.trust,
  picture: picture === null ? null : tableData(chartTable(picture)),
  assumptions: report.assumptions,
  sections: sections.map(({ id, title, blocks }) => ({ id, title, blocks: blocks.map(blockData) })),
  runs: provenance
})

const tableData = ({ name, columns, rows }: Table) => ({
  name,
  columns: columns.map((column) => ({ name: column.name, unit: column.unit })),
  // JSON has no NaN.
  rows: rows.map((row) => row.map((cell) => (typeof cell === "number" && !Number.isFinite(cell) ? null : cell)))
})

const blockData = (block: Block) => {
  switch (block.kind) {
    case "text":
      return { text: block.text }
    case "list":
      return { list: block.items }
    case "table":
      return { table: tableData(block.table) }
    case "picture":
      return { picture: tableData(chartTable(block.picture)) }
    default:
      return { file: block.file }
  }
}
