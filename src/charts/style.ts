/**
 * How charts look: colours as custom properties that follow the reader's light or dark ground (paper is light), and the
 * few text classes. A page with charts has it once; a chart as a file of its own brings it along.
 */
import { colours, inks, scales } from "./palette.ts"

const declared = (ground: "light" | "dark"): string =>
  [...Object.entries(colours), ...Object.entries(inks), ...Object.entries(scales)]
    .map(([name, shade]) => `--${name}:${shade[ground]}`)
    .join(";")

export const chartStyle = [
  `:root{color-scheme:light dark;${declared("light")}}`,
  `@media (prefers-color-scheme:dark){:root{${declared("dark")}}}`,
  `:root[data-ground="light"]{color-scheme:light;${declared("light")}}`,
  `:root[data-ground="dark"]{color-scheme:dark;${declared("dark")}}`,
  `@media print{:root{color-scheme:light;${declared("light")}}}`,
  ".chart{font:12px system-ui,sans-serif;font-variant-numeric:tabular-nums}",
  ".chart text{fill:var(--ink)}",
  ".chart .title{font-size:14px;font-weight:600}",
  ".chart .faint{fill:var(--faint)}",
  ".chart .mark{paint-order:stroke;stroke:var(--ground);stroke-width:4px;stroke-linejoin:round}",
  ".chart .limit{fill:var(--limit)}",
  ".chart .on-dark{fill:#fff}",
  ".chart .on-light{fill:#111}",
  ".chart .on-deep{fill:var(--ground)}"
].join("\n")
