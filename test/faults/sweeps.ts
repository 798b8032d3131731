/**
 * The sweep that the faults hit: points of a few milliseconds, and its table from an undisturbed run on one thread.
 */
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { expect } from "vitest"
import { windtunnel } from "../cli/command-line.ts"
import { keptFolder } from "./keeping.ts"
import { runCommand } from "./processes.ts"

/** Points of `sweep`: enough that a database's jobs hold more than one each. */
export const points = 3 * 2 * 50

export const sweep: readonly string[] = [
  ...["sweep", "small", "--vary", "training.microBatch=1,2,4", "--vary", "training.recompute=none,full"],
  ...["--vary", "training.globalBatch=32..1600+32"]
]

/** Where a point is: its fields, as a row has them. */
export type At = Readonly<Record<string, unknown>>

export const pointAt = (microBatch: 1 | 2 | 4, recompute: "none" | "full", globalBatch: number): At => ({
  "training.microBatch": microBatch,
  "training.recompute": recompute,
  "training.globalBatch": globalBatch
})

export const middle = pointAt(2, "none", 800)

/** What `results` prints of a store, as people and as programs read it. */
export interface Table {
  readonly csv: string
  readonly json: string
}

/** One after another: what they print is caught from the one standard output of this process. */
let lastRead: Promise<unknown> = Promise.resolve()

/** @param name of one of several sweeps */
export const tableIn = (store: string, name?: string): Promise<Table> => {
  const read = lastRead.then(async () => {
    const one = name === undefined ? [] : ["--sweep", name]
    const csv = await windtunnel("results", store, ...one, "--csv")
    const json = await windtunnel("results", store, ...one, "--json")
    expect([csv.status, csv.stderr, json.status, json.stderr]).toEqual([0, "", 0, ""])
    return { csv: csv.stdout, json: json.stdout }
  })
  lastRead = read.catch(() => undefined)
  return read
}

export const rowsOf = ({ json }: Pick<Table, "json">): readonly Record<string, unknown>[] =>
  JSON.parse(json) as readonly Record<string, unknown>[]

/** Rows in an SQLite store; 0 as long as there is none. */
export const storedIn = (file: string): number => {
  try {
    const database = new DatabaseSync(file, { readOnly: true })
    try {
      return Number(database.prepare("select count(*) as n from points").get()?.["n"])
    } finally {
      database.close()
    }
  } catch {
    return 0
  }
}

/** The table of an undisturbed run of the sweep, on one thread. */
export const undisturbed = async (): Promise<Table> => {
  const [folder, remove] = keptFolder("whole")
  const store = join(folder, "whole.sqlite")
  expect(await runCommand([...sweep, "--store", store, "--workers", "1"])).toMatchObject({ status: 0 })
  const table = await tableIn(store)
  expect(rowsOf(table)).toHaveLength(points)
  remove()
  return table
}

/** How many points a finished command says that it simulated itself. */
export const simulatedBy = ({ stdout }: { readonly stdout: string }): number =>
  Number(/^([\d,]+) simulated now/m.exec(stdout)?.[1]?.replaceAll(",", ""))

const isAt = (row: Readonly<Record<string, unknown>>, at: At): boolean =>
  Object.entries(at).every(([path, value]) => row[path] === value)

/** A point that must have been given up, and what its row says why. */
export interface Lost {
  readonly at: At
  readonly reason: RegExp
}

/** Expects all rows but those of some points to be as in a whole table, and those to say what went wrong. */
export const expectAllBut = (lost: readonly Lost[], table: Table, whole: Table): void => {
  const others = ({ json }: Pick<Table, "json">): readonly string[] =>
    rowsOf({ json })
      .filter((row) => !lost.some(({ at }) => isAt(row, at)))
      .map((row) => JSON.stringify(row))
  expect(others(table)).toEqual(others(whole))
  for (const { at, reason } of lost)
    expect(rowsOf(table).filter((row) => isAt(row, at))).toEqual([
      expect.objectContaining({ ...at, status: "error", reason: expect.stringMatching(reason) })
    ])
}
