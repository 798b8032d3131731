/**
 * A store by the argument that names it: a file, or the URL of a database that many machines share.
 */
import * as Effect from "effect/Effect"
import { InputWrong } from "../failure.ts"
import { shownUrl } from "./shown-url.ts"
import type { StoreFailure } from "./sweep-store.ts"

export const isUrl = (store: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(store)

/** A failure of a store as every command says it; a password in its URL is not said. */
export const storeProblem = (store: string, { text }: Pick<StoreFailure, "text">): InputWrong =>
  new InputWrong({ text: `${isUrl(store) ? shownUrl(store) : store}: ${text}` })

/** A store that exists, to read from. */
export const openToRead = Effect.fn("openToRead")(function* (store: string) {
  if (isUrl(store)) {
    const { readPostgres } = yield* Effect.promise(() => import("./postgres.ts"))
    return yield* readPostgres(store)
  }
  const { openSqlite } = yield* Effect.promise(() => import("./sqlite.ts"))
  return yield* openSqlite(store, true)
})
