/**
 * Splitwise's question on Azure's hours: ten H100 servers together, and in every division into prompts and answers. In a
 * process of its own, as the command line is one: what runs around tests would slow the simulation.
 */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"

const script = fileURLToPath(new URL("azure-divisions.ts", import.meta.url))

test.for(["conversation", "code"])("%s: ten divisions, one after the other, less than 5 s", (name) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, name, "3"], { encoding: "utf8" })
  expect(status, stderr).toBe(0)
  const { seconds, divisions } = JSON.parse(stdout) as {
    readonly seconds: readonly number[]
    readonly divisions: number
  }
  expect(divisions).toBe(10)
  const least = Math.min(...seconds)
  console.log(`${name}: ${least.toFixed(2)} s`)
  expect(least).toBeLessThan(5)
})
