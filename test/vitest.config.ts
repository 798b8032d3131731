/**
 * Three groups of files, one after the other. Most are functions of their input: several at a time, each worker keeping the
 * modules it has loaded. Those that start processes and real databases wait for them more than they work, on conditions and
 * not on clocks: several at a time as well, each in a process of its own. Browsers, the package and Ctrl-C come last, alone.
 */
import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import { configDefaults, defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"

const processes = [
  "test/faults/**/*.test.ts",
  "test/planner/plan-shared.test.ts",
  "test/planner/sweep-{cluster,shared,store}.test.ts",
  "test/cli/{launcher,view}.test.ts",
  "test/planner/sweep.test.ts",
  "test/report/pool.test.ts"
]

const alone = ["test/browser/**/*.test.ts", "test/packaging/**/*.test.ts", "test/report/interruption.test.ts"]

/** Files of ten seconds and more begin first in their group, or one worker would wait for another at its end. */
const long = [
  "docs",
  "fuzz/serving",
  "fuzz/scenarios",
  "intervals/command",
  "serving/fleet/splitwise",
  "validation/inference-accuracy",
  "faults/shared",
  "faults/sqlite",
  "planner/plan-shared"
].map((name) => `/test/${name}.test.ts`)

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project, moduleId }: TestSpecification): number =>
      2 * project.config.sequence.groupOrder + (long.some((name) => moduleId.endsWith(name)) ? 0 : 1)
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other))
  }
}

const workers = Math.max(2, availableParallelism())

const shared = {
  root: fileURLToPath(new URL("..", import.meta.url)),
  testTimeout: 60_000,
  hookTimeout: 120_000,
  // Node runs the sources as they are, as it does for users; Vite's own way of importing makes them slower.
  experimental: { viteModuleRunner: false, nodeLoader: false }
} as const

export default defineConfig({
  test: {
    sequence: { sequencer: LongFirst },
    projects: [
      {
        test: {
          ...shared,
          name: "together",
          include: ["test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...processes, ...alone],
          benchmark: { include: [] },
          isolate: false,
          maxWorkers: workers,
          sequence: { groupOrder: 1 }
        }
      },
      {
        test: {
          ...shared,
          name: "processes",
          include: processes,
          benchmark: { include: [] },
          maxWorkers: Math.min(workers, 3),
          sequence: { groupOrder: 2 }
        }
      },
      {
        test: { ...shared, name: "alone", include: alone, maxWorkers: 1, sequence: { groupOrder: 3 } }
      }
    ]
  }
})
