/** What axe finds serious or critical on a page. Its script is brought in by the debugger, past the page's policy. */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import type { Page } from "playwright-core"

interface Finding {
  readonly id: string
  readonly impact: string
  readonly nodes: readonly { readonly html: string }[]
}

let script = ""
const readAxe = (): string => {
  script ||= `${readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")};0`
  return script
}

export const findings = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(readAxe())
  const { violations } = await page.evaluate<{ readonly violations: readonly Finding[] }>("axe.run()")
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map(({ html }) => html.slice(0, 120))
          .slice(0, 3)
          .join(" | ")}`
    )
}
