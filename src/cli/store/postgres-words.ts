/**
 * What goes wrong with a Postgres database, in plain words and without anybody's password.
 */
import type { SqlError } from "effect/sql/SqlError"
import { storeFailure, type StoreFailure } from "./sweep-store.ts"

/** The innermost error that has a code: of Postgres (https://www.postgresql.org/docs/current/errcodes-appendix.html), or of Node. */
const codeOf = (error: unknown, depth = 0): string => {
  if (typeof error !== "object" || error === null || depth > 8) return ""
  const inner = "cause" in error ? codeOf(error.cause, depth + 1) : ""
  if (inner !== "") return inner
  if ("errors" in error && Array.isArray(error.errors)) {
    const found = codeOf(error.errors[0], depth + 1)
    if (found !== "") return found
  }
  return "code" in error && typeof error.code === "string" ? error.code : ""
}

const messageOf = (error: unknown): string => {
  let message = ""
  for (let at = error, depth = 0; typeof at === "object" && at !== null && depth < 8; depth++) {
    if ("message" in at && typeof at.message === "string" && at.message !== "") message = at.message
    at = "cause" in at ? at.cause : undefined
  }
  return message.split("\n")[0] ?? ""
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "no server listens there",
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "the name of the host cannot be looked up",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network of the host cannot be reached",
  ETIMEDOUT: "the host does not answer",
  ECONNRESET: "the connection was cut",
  EPIPE: "the connection was cut",
  "3D000": "there is no database of that name",
  "28P01": "user or password is wrong",
  "28000": "the server does not let this user in",
  "42501": "this user may not make or change tables there",
  "53100": "the server's disk is full; what was stored before is kept",
  "53300": "the server has no connection left",
  "25P03": "the server gave up waiting for this process",
  "57P01": "the server was stopped",
  "57P02": "the server crashed",
  "57P03": "the server is starting or stopping",
  "25006": "the database may only be read"
}

/** Servers that are stopped, started, overloaded; two processes in each other's way. */
const isPassingCode = (code: string): boolean =>
  /^(08|25P03|57P0[123]|53300|40P01|40001|55P03|57014)/.test(code) ||
  ["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "EAI_AGAIN"].includes(code)

export const postgresFailure = (error: SqlError): StoreFailure => {
  const code = codeOf(error)
  const message = messageOf(error)
  const known = words[code]
  if (known !== undefined) return storeFailure(known, isPassingCode(code))
  if (error.reason._tag === "ConnectionError") {
    if (/timed out/i.test(message)) return storeFailure("the host does not answer", true)
    if (/URL/.test(message))
      return storeFailure("it is no URL of a database\n  expected postgres://user:password@host:5432/database")
    return storeFailure(`the connection failed: ${message.replace(/^PgConnection: /, "")}`, true)
  }
  if (error.reason._tag === "AuthenticationError")
    return storeFailure(
      /No password|requested password/.test(message)
        ? "the server wants a password\n  expected one in the URL or in PGPASSWORD"
        : "user or password is wrong"
    )
  return storeFailure(`the database says: ${message}`, isPassingCode(code))
}
