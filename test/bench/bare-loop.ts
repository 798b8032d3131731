/**
 * The points of a sweep simulated one after another on one thread, with nothing around them: what a sweep is measured against.
 *
 *     node test/bench/bare-loop.ts SHARE/SHARES SCENARIO path=values ...
 *
 * takes one point in SHARES of them, beginning with the SHAREth (0/1 = all), and
 * prints the seconds that the loop took, and how many points it was.
 */
import { gridPoints, isSweepProblem, parseAxis, type Axis } from "../../src/planner/index.ts"
import { simulatePoint } from "../../src/report/index.ts"
import { readChunks } from "../../src/cli/read-chunks.ts"
import { openScenario } from "../../src/cli/scenario-file.ts"
import { readText } from "../../src/cli/text-file.ts"

const [share = "0/1", file = "", ...vary] = process.argv.slice(2)
const [first = 0, shares = 1] = share.split("/").map(Number)
const loaded = await openScenario(file, [])
if (loaded._tag === "Refused") throw new Error(loaded.issues.map(({ problem }) => problem).join("; "))
const axes = vary.map(parseAxis).filter((axis): axis is Axis => !isSweepProblem(axis))
const points = gridPoints({ axes, seeds: [1] })
if (isSweepProblem(points)) throw new Error(points.expected)
const own = points.filter((_, index) => index % shares === first)
const start = performance.now()
let ran = 0
for (const { changes, seed } of own) {
  const point = simulatePoint({ scenario: loaded.scenario, changes, seed }, { readText, readChunks })
  if (point.kind !== "none") ran++
}
console.log(JSON.stringify({ seconds: (performance.now() - start) / 1000, points: own.length, ran }))
