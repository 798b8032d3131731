/**
 * Serves the viewer and the files of one run to this machine's browser, and to nobody else: it listens on loopback,
 * answers only who calls it by a loopback name (a foreign page could point a name of its own here), and has a fixed list
 * of files, so that no path leads out of it.
 */
import { createReadStream, globSync, readFileSync, statSync } from "node:fs"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { extname, join } from "node:path"
import { dataMark } from "./timeline-page.ts"

export type ServedFile = { readonly path: string } | { readonly bytes: string | Uint8Array }

export interface ViewRequest {
  /** The built viewer. */
  readonly viewer: string
  /** Files of the run by name. */
  readonly files: ReadonlyMap<string, ServedFile>
  readonly scenarioName?: string
  /** 0 takes a free one. */
  readonly port: number
}

export interface ViewServer {
  readonly address: string
  readonly close: () => void
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".yaml": "text/plain; charset=utf-8"
}

const headers = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; worker-src 'self'; connect-src 'self'; img-src data:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store"
}

/** Starts the server; rejects when the port is taken. */
export const startViewServer = (request: ViewRequest): Promise<ViewServer> => {
  const files = routesOf(request)
  const server = createServer((asked, answer) => respond(server, files, asked, answer))
  return new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(request.port, "127.0.0.1", () => {
      resolve({
        address: `http://127.0.0.1:${portOf(server)}/`,
        close: () => {
          server.close()
          server.closeAllConnections()
        }
      })
    })
  })
}

const portOf = (server: Server): number => {
  const address = server.address()
  return typeof address === "object" && address !== null ? address.port : 0
}

/** Everything that can be asked for, by path. */
const routesOf = ({ viewer, files, scenarioName }: ViewRequest): ReadonlyMap<string, ServedFile> => {
  const given = {
    files: [...files.keys()].map((name) => `run/${encodeURIComponent(name)}`),
    ...(scenarioName === undefined ? {} : { scenarioName })
  }
  const text = JSON.stringify(given).replaceAll("<", "\\u003c")
  const data = files.size === 0 ? "" : `<script type="application/json" id="windtunnel-given">${text}</script>`
  const page = readFileSync(join(viewer, "index.html"), "utf8").replace(dataMark, () => data)
  return new Map<string, ServedFile>([
    ["/", { bytes: page }],
    ...globSync("assets/*", { cwd: viewer }).map(
      (name) => [`/${name.replaceAll("\\", "/")}`, { path: join(viewer, name) }] as const
    ),
    ...[...files].map(([name, file]) => [`/run/${encodeURIComponent(name)}`, file] as const)
  ])
}

const respond = (
  server: Server,
  files: ReadonlyMap<string, ServedFile>,
  asked: IncomingMessage,
  answer: ServerResponse
): void => {
  const refuse = (status: number, text: string): void => {
    answer.writeHead(status, { ...headers, "Content-Type": "text/plain; charset=utf-8" })
    answer.end(`${text}\n`)
  }
  const port = portOf(server)
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`, ...(port === 80 ? ["127.0.0.1", "localhost"] : [])]
  if (!hosts.includes(asked.headers.host ?? "")) return refuse(403, "this server answers to a loopback name only")
  if (asked.method !== "GET" && asked.method !== "HEAD") return refuse(405, "this server is for reading")
  const [path = ""] = (asked.url ?? "").split(/[?#]/)
  const file = files.get(path)
  if (file === undefined) return refuse(404, "there is no such file")
  const type = path === "/" ? types[".html"] : (types[extname(path)] ?? "application/octet-stream")
  try {
    const length = "bytes" in file ? Buffer.byteLength(file.bytes) : statSync(file.path).size
    answer.writeHead(200, { ...headers, "Content-Type": type, "Content-Length": length })
    if (asked.method === "HEAD") answer.end()
    else if ("bytes" in file) answer.end(file.bytes)
    else
      createReadStream(file.path)
        .on("error", () => answer.destroy())
        .pipe(answer)
  } catch {
    refuse(404, "the file is not there any more")
  }
  return undefined
}
