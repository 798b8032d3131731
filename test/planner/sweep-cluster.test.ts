/** The examples for clusters: what can be checked of them without one, and run with a real database. */
import { spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { delimiter, join, resolve } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { parseDocument } from "yaml"
import { inFolder, windtunnel } from "../cli/command-line.ts"
import { startPostgres, type PostgresServer } from "../faults/postgres.ts"

const slurm = resolve("scenarios/cluster/slurm-array.sh")
const kubernetes = resolve("scenarios/cluster/kubernetes-job.yml")

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
})

afterAll(() => server.close())

/** A database with four points to be done. */
const submitted = async (): Promise<string> => {
  const url = await server.freshDatabase()
  const sweep = ["sweep", "small", "--vary", "training.microBatch=1,2,4,8", "--store", url, "--no-wait"]
  expect((await windtunnel(...sweep)).status).toBe(0)
  return url
}

const withoutPassword = (url: string): string => {
  const parsed = new URL(url)
  parsed.password = ""
  return parsed.href
}

/** Commands that the comments of a file tell people to type, split into words. */
const commandsIn = (file: string): readonly (readonly string[])[] =>
  [...readFileSync(file, "utf8").matchAll(/^# {3}windtunnel (.*)$/gm)].map(([, words = ""]) => words.split(" "))

test.each([slurm, kubernetes])("the commands in the comments of %s are ours", async (file) => {
  const url = await server.freshDatabase()
  const commands = commandsIn(file)
  expect(commands.map(([name]) => name)).toEqual(["sweep", "results"])
  const [sweep, results] = commands.map((words) => words.map((word) => (word === '"$WINDTUNNEL_STORE"' ? url : word)))
  expect(await windtunnel(...sweep!)).toMatchObject({ status: 0, stdout: expect.stringMatching(/3 of 3 points/) })
  // Nobody has worked yet.
  expect((await windtunnel(...results!)).stderr).toMatch(/no rows/)
})

describe("the array for Slurm", () => {
  test("is a script of bash with options that sbatch reads", () => {
    expect(spawnSync("bash", ["-n", slurm], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" })
    const text = readFileSync(slurm, "utf8")
    const options = Object.fromEntries(
      [...text.matchAll(/^#SBATCH --([a-z-]+)(?:=(\S+))?$/gm)].map(([, name, value]) => [name, value])
    )
    expect(options).toMatchObject({ array: "1-16", "cpus-per-task": "8", signal: "B:TERM@60" })
    // sbatch stops reading at the first command.
    expect(text.lastIndexOf("#SBATCH")).toBeLessThan(text.indexOf("\nset -euo pipefail"))
  })

  test("does the points of a database, with the password from a file", () =>
    inFolder(async (folder) => {
      const url = await submitted()
      const password = join(folder, "password")
      writeFileSync(password, `${new URL(url).password}\n`)
      writeFileSync(
        join(folder, "windtunnel"),
        `#!/bin/sh\nexec "${process.execPath}" "${resolve("bin/windtunnel.mjs")}" "$@"\n`,
        { mode: 0o755 }
      )
      const { status, stderr } = spawnSync("bash", [slurm], {
        encoding: "utf8",
        env: {
          PATH: [folder, process.env["PATH"]].join(delimiter),
          SLURM_CPUS_PER_TASK: "1",
          WINDTUNNEL_STORE: withoutPassword(url),
          WINDTUNNEL_PASSWORD_FILE: password
        }
      })
      expect(stderr).toMatch(/on 1 thread; ends when nothing is left\n[^]*4 points done here/)
      expect(status).toBe(0)
      expect((await windtunnel("results", url)).stdout).toMatch(/4 of 4 points done/)
    }))

  test("says what it lacks", () => {
    const { status, stderr } = spawnSync("bash", [slurm], { encoding: "utf8", env: { PATH: process.env["PATH"] } })
    expect(status).not.toBe(0)
    expect(stderr).toMatch(/WINDTUNNEL_STORE: the URL of the database/)
  })
})

describe("the Job for Kubernetes", () => {
  const document = parseDocument(readFileSync(kubernetes, "utf8"))
  const job = document.toJS()
  const [container] = job.spec.template.spec.containers

  test("is a Job of workers that go on until there is nothing left", () => {
    expect(document.errors).toEqual([])
    expect(job).toMatchObject({
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: expect.stringMatching(/^[a-z][a-z0-9-]*$/) },
      spec: { parallelism: 16, backoffLimit: expect.any(Number) }
    })
    // With a number of completions every pod would have to succeed on its own.
    expect(job.spec.completions).toBeUndefined()
    expect(job.spec.template.spec).toMatchObject({ restartPolicy: "Never", terminationGracePeriodSeconds: 30 })
    expect(container.command.every((word: unknown) => typeof word === "string")).toBe(true)
  })

  test("does the points of a database", async () => {
    const url = await submitted()
    const [secret, password] = container.env
    expect([secret.name, password.name]).toEqual(["WINDTUNNEL_STORE", "PGPASSWORD"])
    const before = process.env["PGPASSWORD"]
    process.env["PGPASSWORD"] = new URL(url).password
    try {
      const [program, ...words] = container.command as string[]
      expect(program).toBe("windtunnel")
      const filled = words.map((word) => word.replace("$(WINDTUNNEL_STORE)", withoutPassword(url)))
      expect(await windtunnel(...filled)).toMatchObject({ status: 0, stderr: expect.stringMatching(/4 points done/) })
    } finally {
      if (before === undefined) delete process.env["PGPASSWORD"]
      else process.env["PGPASSWORD"] = before
    }
    expect((await windtunnel("results", url)).stdout).toMatch(/4 of 4 points done/)
  })
})
