import { describe, expect, test } from "vitest"
import { simulateTraining, isImpossible, simulateWholeRun } from "../../src/training/index.ts"
import { inFolder, windtunnel, write } from "../cli/command-line.ts"
import { smallTraining, training } from "./resolved.ts"

/** A small training that is saved every hour and fails now and then; 20 runs. */
const { tokens, ...iterations } = smallTraining.training
const failing = {
  ...smallTraining,
  training: {
    ...iterations,
    run: {
      tokens,
      runs: 20,
      checkpoint: { interval: "1 h", save: "30 s" },
      failures: { gpu: { mtbf: "500 h" } }
    }
  }
}

const documentOf = async (folder: string, data: object) =>
  JSON.parse(
    (await windtunnel("report", write(folder, "run.json", JSON.stringify(data)), "--json", "--workers=1")).stdout
  )

describe("the report of a whole run", () => {
  test("leads with the days and draws where they go; the parts add up to the calendar", () =>
    inFolder(async (folder) => {
      const resolved = training(failing)
      const iteration = simulateTraining(resolved.job)
      const settings = resolved.job.run?.settings
      if (isImpossible(iteration) || settings === undefined) throw new Error("no whole run")
      const whole = simulateWholeRun(resolved.job, iteration, settings)
      if ("_tag" in whole) throw new Error(whole.path)

      const report = await documentOf(folder, failing)
      expect(report.answer).toMatch(/with what happens in a run, 1B tokens take .* of which [\d.]+ % is training\.$/)
      const days = report.figures.find(({ name }: { name: string }) => name === "1B tokens")
      expect(days.value).toBeCloseTo(whole.seconds.mean, 6)
      expect(report.picture.name).toMatch(/ is training; most of the rest goes to /)
      const parts = report.picture.rows.map(([, seconds]: readonly [string, number]) => seconds)
      expect(parts.reduce((sum: number, one: number) => sum + one, 0)).toBeCloseTo(whole.seconds.mean, 3)
      expect(report.sections[0].id).toBe("run")
      const [, spread] = report.sections[0].blocks
      expect(spread.table.rows.map(([name]: readonly [string]) => name)).toEqual(["mean", "p5", "p50", "p95"])
      expect(spread.table.rows[0].slice(1, 4)).toEqual([whole.seconds.mean, whole.goodput.mean, whole.lostSeconds.mean])
      expect(report.assumptions.join(" ")).not.toContain("Nothing fails")
    }))

  test("without training.run says that nothing fails", () =>
    inFolder(async (folder) => {
      const report = await documentOf(folder, smallTraining)
      expect(report.sections.map(({ id }: { id: string }) => id)).not.toContain("run")
      expect(report.assumptions.join(" ")).toContain("Nothing fails")
    }))

  test("compared with another, the difference in days is that of their parts", () =>
    inFolder(async (folder) => {
      const rarely = structuredClone(failing)
      rarely.training.run.checkpoint.interval = "4 h"
      const files = [failing, rarely].map((data, index) => write(folder, `${index}.json`, JSON.stringify(data)))
      const { wholeRun } = JSON.parse((await windtunnel("compare", ...files, "--json")).stdout)
      const [calendar] = wholeRun.metrics
      expect(calendar.name).toBe("calendarSeconds")
      const moved = wholeRun.breakdown.reduce(
        (sum: number, { difference }: { difference: number }) => sum + difference,
        0
      )
      expect(moved / (calendar.b - calendar.a)).toBeCloseTo(1, 3)
      expect(wholeRun.breakdown[0].difference).not.toBe(0)
      const { stdout } = await windtunnel("compare", ...files)
      expect(stdout).toContain("where the days change")
    }))

  test("beside a scenario without training.run is not compared", () =>
    inFolder(async (folder) => {
      const files = [smallTraining, failing].map((data, index) => write(folder, `${index}.json`, JSON.stringify(data)))
      const { wholeRun } = JSON.parse((await windtunnel("compare", ...files, "--json")).stdout)
      expect(wholeRun).toBeNull()
    }))
})
