/** `windtunnel view`: what it serves, to whom, and what it refuses. */
import { spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { request } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { startViewServer, type ViewServer } from "../../src/cli/view-server.ts"
import { inFolder, small, windtunnel, write } from "./command-line.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** A request with a path and a Host of our own making, which fetch would tidy up. */
const ask = (
  address: string,
  path: string,
  options: { readonly host?: string; readonly method?: string } = {}
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { port, host } = new URL(address)
    const asked = request(
      { host: "127.0.0.1", port, path, method: options.method ?? "GET", headers: { Host: options.host ?? host } },
      (answer) => {
        let body = ""
        answer.setEncoding("utf8")
        answer.on("data", (text: string) => {
          body += text
        })
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }))
      }
    )
    asked.on("error", reject)
    asked.end()
  })

describe("the server", () => {
  const folder = mkdtempSync(join(tmpdir(), "windtunnel-view-"))
  let server: ViewServer
  beforeAll(async () => {
    const viewer = join(folder, "viewer")
    mkdirSync(join(viewer, "assets"), { recursive: true })
    write(viewer, "index.html", "<head><!--windtunnel-data--></head>")
    write(join(viewer, "assets"), "page.js", "1")
    write(folder, "secret", "secret")
    const files = new Map([
      ["trace.json", { path: write(folder, "trace.json", "[]") }],
      ["</script>.json", { bytes: "{}" }]
    ])
    server = await startViewServer({ viewer, port: 0, files })
  })
  afterAll(() => {
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test("listens on loopback alone", () => {
    expect(server.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
  })

  test("gives the page with the run's files named in it, and a policy", async () => {
    const { status, headers, body } = await ask(server.address, "/")
    expect(status).toBe(200)
    expect(headers["content-security-policy"]).toContain("default-src 'none'; script-src 'self'")
    expect(headers["x-content-type-options"]).toBe("nosniff")
    expect(body).toContain('"run/trace.json"')
    expect(body.match(/<\/script>/g)).toHaveLength(1)
  })

  test("gives assets and files", async () => {
    expect(await ask(server.address, "/assets/page.js")).toMatchObject({ status: 200, body: "1" })
    expect(await ask(server.address, "/run/trace.json")).toMatchObject({ status: 200, body: "[]" })
    expect(await ask(server.address, "/run/trace.json", { method: "HEAD" })).toMatchObject({ status: 200, body: "" })
  })

  test.for([
    "/secret",
    "/run/../secret",
    "/run/../../secret",
    "/run/%2e%2e/secret",
    "/run/..%2fsecret",
    "/assets/../../secret",
    "//etc/passwd",
    "/run/",
    "/index.html"
  ])("has no path out of its list: %s", async (path) => {
    expect(await ask(server.address, path)).toMatchObject({ status: 404, body: "there is no such file\n" })
  })

  test.for(["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost:1", "[::1]"])(
    "refuses the foreign name %j",
    async (host) => {
      expect((await ask(server.address, "/", { host })).status).toBe(403)
    }
  )

  test("answers to localhost", async () => {
    const { port } = new URL(server.address)
    expect((await ask(server.address, "/", { host: `localhost:${port}` })).status).toBe(200)
  })

  test("is for reading", async () => {
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"])
      expect((await ask(server.address, "/", { method })).status).toBe(405)
  })

  test("cannot take a port that is taken", async () => {
    await inFolder(async (folder) => {
      write(folder, "index.html", "")
      const again = startViewServer({ viewer: folder, port: Number(new URL(server.address).port), files: new Map() })
      await expect(again).rejects.toThrow(/EADDRINUSE/)
    })
  })
})

describe("the command", () => {
  /** The first line that the command prints; the process is ended after `body`. */
  const viewing = async (args: readonly string[], body: (address: string) => Promise<void>): Promise<void> => {
    const child = spawn(process.execPath, [join(root, "src/cli/main.ts"), "view", ...args, "--no-open"])
    try {
      const address = await new Promise<string>((resolve, reject) => {
        let errors = ""
        child.stderr.on("data", (text: Buffer) => {
          errors += text.toString()
        })
        child.stdout.once("data", (text: Buffer) => resolve(text.toString().split("\n")[0] ?? ""))
        child.once("exit", () => reject(new Error(errors)))
      })
      await body(address)
    } finally {
      child.removeAllListeners("exit")
      const gone = new Promise((resolve) => child.once("exit", resolve))
      child.kill("SIGTERM")
      await gone
    }
  }

  test("serves a run's folder, and prints its address first", async () => {
    await inFolder(async (folder) => {
      const out = join(folder, "run")
      const ended = await windtunnel("run", write(folder, "small.yaml", small), "--out", out)
      expect(ended.status, ended.stderr).toBe(0)
      await viewing([out], async (address) => {
        const page = await ask(address, "/")
        expect(page.body).toContain('"run/trace.windtunnel","run/result.json","run/scenario.json"')
        expect((await ask(address, "/run/trace.windtunnel")).body.slice(0, 7)).toBe("WTTRACE")
      })
    })
  })

  test("simulates a scenario with --set, and serves what came out", async () => {
    await inFolder(async (folder) => {
      await viewing([write(folder, "small.yaml", small), "--set", "training.microBatch=2"], async (address) => {
        const result = JSON.parse((await ask(address, "/run/result.json")).body)
        expect(result.scenario.training.microBatch).toBe(2)
        expect(result.result.iterationSeconds).toBeGreaterThan(0)
      })
    })
  })

  test("serves a recorded trace as it is", async () => {
    await inFolder(async (folder) => {
      await viewing([write(folder, "torch.json", '{"schemaVersion":1,"traceEvents":[]}')], async (address) => {
        expect((await ask(address, "/run/torch.json")).body).toContain("traceEvents")
      })
    })
  })

  test("refuses what it cannot show", async () => {
    await inFolder(async (folder) => {
      expect(await windtunnel("view", "no-such-thing")).toMatchObject({ status: 2 })
      expect((await windtunnel("view", folder)).stderr).toContain("has no trace")
      expect((await windtunnel("view", folder, "--set", "a=1")).stderr).toContain("--set changes a scenario")
      expect((await windtunnel("view", "--port", "70000")).stderr).toContain("65,535")
    })
  })
})
