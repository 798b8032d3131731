/**
 * The page as a single file beside the page of parts: script, style and the packed worker inside of it, with a
 * Content-Security-Policy that allows these alone. A run's files go where `dataMark` stands.
 */
import { createHash } from "node:crypto"
import { gzipSync } from "node:zlib"
import type { Plugin } from "vite"

/** The command line writes a run's files in place of this. */
export const dataMark = "<!--windtunnel-data-->"

const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`

/** Script that cannot end its element early, nor begin a comment that hides the end. */
const inScript = (code: string): string =>
  code
    .replaceAll(/<\/(script)/gi, "<\\/$1")
    .replaceAll("<!--", "<\\!--")
    .trim()

const policy = (scripts: string, styles: string, worker: string, connect: string): string =>
  [
    "default-src 'none'",
    `script-src ${scripts}`,
    `style-src ${styles}`,
    `worker-src ${worker}`,
    `connect-src ${connect}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'"
  ].join("; ")

export const singleFile = (): Plugin => ({
  name: "windtunnel-single-file",
  enforce: "post",
  generateBundle: {
    order: "post",
    handler(_options, bundle) {
      const page = bundle["index.html"]
      const files = Object.values(bundle)
      const entry = files.find((file) => file.type === "chunk" && file.isEntry)
      const style = files.find((file) => file.fileName.endsWith(".css"))
      const worker = files.find((file) => /worker[^/]*\.js$/.test(file.fileName))
      if (page?.type !== "asset" || entry?.type !== "chunk" || style?.type !== "asset" || worker === undefined)
        return this.error("the bundle is not a page, a script, a style and a worker")
      const others = files.filter((file) => file.type === "chunk" && file !== entry && file !== worker)
      if (others.length > 0) return this.error("the page's script is in more than one piece")
      const workerText = worker.type === "chunk" ? worker.code : String(worker.source)
      const script = inScript(entry.code)
      const css = String(style.source).trim()
      const html = String(page.source)
      const meta = (content: string): string => `<meta http-equiv="Content-Security-Policy" content="${content}">`
      const body = html
        .replace(/<script type="module"[^>]*><\/script>/, "")
        .replace(/<link rel="stylesheet"[^>]*>/, "")
        .replace(/<link rel="modulepreload"[^>]*>/, "")
      const packed = gzipSync(workerText, { level: 9 }).toString("base64")
      const single = body
        .replace("<head>", () => `<head>\n    ${meta(policy(hash(script), hash(css), "blob:", "'none'"))}`)
        .replace("</head>", () => `  <style>${css}</style>\n  </head>`)
        .replace(
          "</body>",
          () =>
            `${dataMark}\n    <script type="text/plain" id="windtunnel-worker">${packed}</script>\n    <script type="module">${script}</script>\n  </body>`
        )
      this.emitFile({ type: "asset", fileName: "single.html", source: single })
      page.source = html
        .replace("<head>", () => `<head>\n    ${meta(policy("'self'", "'self'", "'self'", "'self'"))}`)
        .replace("<script type=", () => `${dataMark}<script type=`)
      return undefined
    }
  }
})
