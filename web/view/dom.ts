/** Elements in one line. Text is always text: nothing here parses markup. */

type Child = Node | string | null | undefined | false
type Props = Readonly<Record<string, unknown>>

const textOf = (value: unknown): string =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : ""

const apply = (element: HTMLElement | SVGElement, props: Props): void => {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue
    if (name.startsWith("on") && typeof value === "function")
      element.addEventListener(name.slice(2), value as (event: Event) => void)
    else if (name === "style" && typeof value === "object")
      // Through the object model, which a Content-Security-Policy without inline styles allows.
      for (const [property, text] of Object.entries(value)) element.style.setProperty(property, String(text))
    else if (name === "value" && element instanceof HTMLInputElement) element.value = textOf(value)
    else element.setAttribute(name, value === true ? "" : textOf(value))
  }
}

export const h = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  props: Props = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] => {
  const element = document.createElement(tag)
  apply(element, props)
  element.append(
    ...children.filter((child): child is Node | string => child instanceof Node || typeof child === "string")
  )
  return element
}

export const svg = <Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  props: Props = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Tag] => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag)
  apply(element, props)
  element.append(
    ...children.filter((child): child is Node | string => child instanceof Node || typeof child === "string")
  )
  return element
}

export interface Column<Row> {
  readonly title: string
  readonly isNumber?: boolean
  readonly cell: (row: Row) => Node | string
}

/** A table of rows with a caption that a screen reader says first. */
export const table = <Row>(
  caption: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  onRow?: (row: Row) => void
): HTMLTableElement =>
  h(
    "table",
    {},
    h("caption", {}, caption),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        ...columns.map(({ title, isNumber }) => h("th", { scope: "col", class: isNumber && "number" }, title))
      )
    ),
    h(
      "tbody",
      {},
      ...rows.map((row) =>
        h(
          "tr",
          onRow === undefined ? {} : { class: "link", onclick: () => onRow(row) },
          ...columns.map(({ cell, isNumber }) => h("td", { class: isNumber && "number" }, cell(row)))
        )
      )
    )
  )

/** Names and values. */
export const definitions = (pairs: readonly (readonly [name: string, value: Node | string])[]): HTMLElement =>
  h("dl", {}, ...pairs.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))))

export const swatch = (colour: string): HTMLElement =>
  h("span", { class: "swatch", "aria-hidden": "true", style: { background: colour } })

export const replace = (element: Element, ...children: readonly Child[]): void =>
  element.replaceChildren(
    ...children.filter((child): child is Node | string => child instanceof Node || typeof child === "string")
  )
