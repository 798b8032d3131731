/**
 * The report as one HTML file: no script, no network, light and dark, A4.
 */
import { chartStyle, clipped, element, type Child, type Markup, type Picture } from "../charts/index.ts"
import type { Block, Column, Figure, Report, Section, Table } from "./document.ts"
import { chartTable } from "./chart-table.ts"
import { pageStyle } from "./page-style.ts"
import { isNumeric, shown } from "./show.ts"

export const reportHtml = (report: Report): string => {
  const body = element("main", {}, front(report), report.sections.map(section), again(report))
  const head = element(
    "head",
    {},
    element("meta", { charset: "utf-8" }),
    // Nothing is loaded and nothing runs, whatever a name in the scenario says.
    element("meta", {
      "http-equiv": "Content-Security-Policy",
      content: "default-src 'none'; style-src 'unsafe-inline'"
    }),
    element("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
    element("title", {}, `${clipped(report.title, 200)}: capacity report`),
    { markup: `<style>${chartStyle}\n${pageStyle}</style>` }
  )
  const page = element("html", { lang: "en" }, head, element("body", {}, body))
  return `<!doctype html>\n${page.markup.replaceAll(/(<(?:section|h2|h3|table|tr|svg|figure|details|pre|ul|dl)\b)/g, "\n$1")}\n`
}

const front = ({ title, about, answer, figures, trust, picture, assumptions }: Report): Markup =>
  element(
    "header",
    {},
    element("h1", {}, title),
    element("p", { class: "about" }, about.join(" · ")),
    element("p", { class: "answer" }, unbroken(answer)),
    element("dl", { class: "figures" }, figures.map(keyFigure)),
    element("p", { class: "trust" }, trust),
    picture === null ? null : figureOf(picture),
    assumptions.length === 0
      ? null
      : [
          element("h2", {}, "What this assumes"),
          element(
            "ul",
            { class: "assumptions" },
            assumptions.map((one) => element("li", {}, one))
          )
        ]
  )

/** A number stays on the line of its unit. */
const unbroken = (text: string): string => text.replaceAll(/(\d) (?=%|[a-zA-Zµ]+(?:\/[a-zA-Z]+)*\b)/g, "$1\u00A0")

const keyFigure = ({ name, shown: value, note, interval }: Figure): Markup =>
  element(
    "div",
    {},
    element("dt", {}, name),
    element(
      "dd",
      {},
      value,
      [interval, note].map((small) => (small === undefined ? null : element("small", {}, unbroken(small))))
    )
  )

const section = ({ id, title, blocks }: Section): Markup =>
  element(
    "section",
    { id, "aria-labelledby": `${id}-title` },
    element("h2", { id: `${id}-title` }, title),
    blocks.map(block)
  )

/** A chart, and its numbers for who wants them; on a narrow screen it keeps its letters' size and is moved sideways below its title. */
const figureOf = (picture: Picture): Markup =>
  element(
    "figure",
    {},
    element("figcaption", { "aria-hidden": "true" }, unbroken(picture.title)),
    element(
      "div",
      { class: "drawing", role: "region", "aria-label": picture.title, tabindex: "0" },
      { markup: picture.svg }
    ),
    element("details", {}, element("summary", {}, "The numbers"), tableOf(chartTable(picture)))
  )

const block = (one: Block): Child => {
  switch (one.kind) {
    case "text":
      return element("p", {}, one.text)
    case "list":
      return element(
        "ul",
        {},
        one.items.map((item) => element("li", {}, item))
      )
    case "table":
      return tableOf(one.table)
    case "picture":
      return figureOf(one.picture)
    default: {
      const { file, isFolded } = one
      const content: readonly Child[] = [
        element("pre", {}, element("code", {}, file.text.length > 0 ? wholeText(file.text) : "")),
        file.remarks.length === 0
          ? null
          : element(
              "ul",
              { class: "remarks" },
              file.remarks.map((remark) => element("li", {}, remark))
            )
      ]
      return isFolded
        ? element("details", { class: "file" }, element("summary", {}, file.title), content)
        : element("div", { class: "file" }, element("h3", {}, file.title), content)
    }
  }
}

/** Long texts in pieces, as one piece of text is cut where it is absurdly long. */
const wholeText = (text: string): readonly string[] => text.split(/(?<=\n)/)

/** Numbers stay on a line by their column. */
const cellText = (text: string, column: Column): string => (isNumeric(column) ? text : unbroken(text))

const tableOf = ({ name, columns, rows }: Table): Markup => {
  const side = (column: Column): string | undefined => (isNumeric(column) ? "number" : undefined)
  return element(
    "div",
    { class: "table", role: "region", "aria-label": name, tabindex: "0" },
    element(
      "table",
      {},
      element("caption", {}, name),
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          columns.map((column) => element("th", { scope: "col", class: side(column) }, heading(column)))
        )
      ),
      element(
        "tbody",
        {},
        rows.map((row) =>
          element(
            "tr",
            {},
            columns.map((column, index) =>
              element(
                index === 0 ? "th" : "td",
                { ...(index === 0 ? { scope: "row" } : {}), class: side(column) },
                cellText(shown(row[index] ?? null, column), column)
              )
            )
          )
        )
      )
    )
  )
}

/** A column says its unit where its cells do not. */
const heading = ({ name, unit, show }: Column): string =>
  unit === "" ||
  unit === "share" ||
  name.includes(unit) ||
  (show !== undefined && ["s", "bytes", "$", "kWh", "g", "factor"].includes(unit))
    ? name
    : `${name}, ${unit}`

const again = ({ provenance }: Report): Markup =>
  element(
    "section",
    { id: "again", "aria-labelledby": "again-title" },
    element("h2", { id: "again-title" }, "To run it again"),
    provenance.map(({ version, hash, seed, command, scenario, remarks }) => [
      element("pre", {}, element("code", {}, command)),
      element(
        "p",
        {},
        `windtunnel ${version} · scenario ${hash} · seed ${seed}. The same scenario and seed give the same numbers on any machine.`
      ),
      remarks.length === 0
        ? null
        : element(
            "ul",
            {},
            remarks.map((remark) => element("li", {}, remark))
          ),
      element(
        "details",
        { class: "file" },
        element("summary", {}, "The scenario, as JSON"),
        element("pre", {}, element("code", {}, wholeText(JSON.stringify(scenario, null, 2) ?? "")))
      )
    ])
  )
