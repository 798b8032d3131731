/**
 * The points of a sweep simulated one after another on one thread, with nothing around them: what a sweep is measured against.
 *
 *     node test/bench/bare-loop.ts SCENARIO path=values ...
 *
 * prints the seconds that the loop took, and how many points it was.
 */
import { gridPoints, isSweepProblem, parseAxis, type Axis } from "../../src/planner/index.ts"
import { simulatePoint } from "../../src/report/index.ts"
import { readChunks } from "../../src/cli/read-chunks.ts"
import { openScenario } from "../../src/cli/scenario-file.ts"
import { readText } from "../../src/cli/text-file.ts"

const [file = "", ...vary] = process.argv.slice(2)
const loaded = await openScenario(file, [])
if (loaded._tag === "Refused") throw new Error(loaded.issues.map(({ problem }) => problem).join("; "))
const axes = vary.map(parseAxis).filter((axis): axis is Axis => !isSweepProblem(axis))
const points = gridPoints({ axes, seeds: [1] })
if (isSweepProblem(points)) throw new Error(points.expected)
const start = performance.now()
let ran = 0
for (const { changes, seed } of points) {
  const point = simulatePoint({ scenario: loaded.scenario, changes, seed }, { readText, readChunks })
  if (point.kind !== "none") ran++
}
console.log(JSON.stringify({ seconds: (performance.now() - start) / 1000, points: points.length, ran }))
