/** The server of these tests itself. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { startPostgres, type PostgresServer } from "./postgres.ts"

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.close())

test.each(["fast", "crash"] as const)("a server keeps what was stored over a stop (%s)", async (how) => {
  const url = await server.freshDatabase()
  await server.query(url, "create table kept (n integer)")
  await server.query(url, "insert into kept values (7)")
  await server.stop(how)
  await expect(server.query(url, "select 1")).rejects.toThrow()
  await server.start()
  expect(await server.query(url, "select n from kept")).toEqual([{ n: 7 }])
})
