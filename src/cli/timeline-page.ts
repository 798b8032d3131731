/**
 * timeline.html: the viewer and a run's files in one file, which opens from disk without a server or network.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { builtViewer } from "./viewer-build.ts"

/** Where the files go; web/single-file.ts writes it. */
export const dataMark = "<!--windtunnel-data-->"

/** Packed bytes beyond which no page is written: a browser would have to read them as one text. */
const largest = 200e6

/** The page, or why there is none. */
export const timelinePage = (
  files: ReadonlyMap<string, string | Uint8Array>
): { readonly page: string } | { readonly failure: string } => {
  const viewer = builtViewer()
  if ("failure" in viewer) return viewer
  const packed = [...files].map(([name, content]) => [name, gzipSync(content)] as const)
  const size = packed.reduce((sum, [, bytes]) => sum + bytes.length, 0)
  if (size > largest) return { failure: `the timeline of ${Math.round(size / 1e6)} MB is too large for a page` }
  const elements = packed.map(
    ([name, bytes]) =>
      `<script type="text/plain" class="windtunnel-file" data-name="${name}">${bytes.toString("base64")}</script>`
  )
  const template = readFileSync(join(viewer.folder, "single.html"), "utf8")
  return { page: template.replace(dataMark, () => elements.join("\n")) }
}
