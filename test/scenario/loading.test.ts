import { describe, expect, test } from "vitest"
import {
  isServing,
  loadScenario,
  Scenario,
  scenarioFromData,
  type LoadedScenario,
  type TrainingScenario
} from "../../src/scenario/index.ts"
import { bloom, files } from "./bloom.ts"

const load = (
  contents: Readonly<Record<string, string>>,
  set: readonly string[] = []
): LoadedScenario & { readonly scenario: TrainingScenario } => {
  const loaded = loadScenario({ file: "mine.yaml", readText: files(contents), set })
  if (loaded._tag === "Refused") throw new Error(loaded.issues.map((issue) => issue.problem).join())
  if (isServing(loaded.scenario)) throw new Error("serving")
  return { ...loaded, scenario: loaded.scenario }
}

const refusal = (set: readonly string[]) => {
  const loaded = loadScenario({ file: "mine.yaml", readText: files({ "mine.yaml": bloom }), set })
  if (loaded._tag !== "Refused") throw new Error("accepted")
  return loaded.issues[0]
}

test("quantities with units become SI numbers", () => {
  const { scenario } = load({
    "mine.yaml": `${bloom}  tokens: 366B\nmeasured: { iterationSeconds: 105200 ms, memory: 59 GB }\nprice: { perAcceleratorHour: $2 }\n`
  })
  expect(scenario.training.tokens).toBe(366e9)
  expect(scenario.measured).toEqual({ iterationSeconds: 105.2, memory: 59e9 })
  expect(scenario.price).toEqual({ perAcceleratorHour: 2 })
})

test("JSON is read like YAML", () => {
  const { scenario } = load({
    "mine.yaml": JSON.stringify({ cluster: {}, model: "bloom-7b1", training: { globalBatch: 8 } }, null, "\t")
  })
  expect(scenario.training.globalBatch).toBe(8)
})

describe("a scenario that extends another", () => {
  test("keeps what it does not change", () => {
    const { scenario } = load({
      "mine.yaml": "extends: base.yaml\nname: Half\ncluster: { nodes: 24 }\ntraining: { parallelism: { data: 4 } }\n",
      "base.yaml": bloom
    })
    expect(scenario.name).toBe("Half")
    expect(scenario.cluster).toEqual({ system: "jean-zay-a100", nodes: 24 })
    expect(scenario.training.parallelism).toEqual({ tensor: 4, pipeline: 12, data: 4 })
    expect(scenario).not.toHaveProperty("extends")
  })

  test("takes a field away with null", () => {
    const { scenario } = load({
      "mine.yaml": "extends: base.yaml\ntraining: { recompute: null }\n",
      "base.yaml": bloom
    })
    expect(scenario.training).not.toHaveProperty("recompute")
  })

  test("gives accelerators in place of nodes", () => {
    const { scenario } = load({
      "mine.yaml": "extends: base.yaml\ncluster: { accelerators: 96 }\n",
      "base.yaml": bloom
    })
    expect(scenario.cluster).toEqual({ system: "jean-zay-a100", accelerators: 96 })
  })

  test("finds kernel tables beside the file that names them", () => {
    const { scenario } = load({
      "mine.yaml": "extends: old/base.yaml\n",
      "old/base.yaml": bloom.replace("recompute: full", "kernels: [tables/a.csv, /b.csv]")
    })
    expect(scenario.training.kernels).toEqual(["old/tables/a.csv", "/b.csv"])
  })
})

describe("a value set from outside", () => {
  test("replaces the file's", () => {
    const { scenario } = load({ "mine.yaml": bloom }, ["training.microBatch=4", "training.recompute={ blocks: 3 }"])
    expect(scenario.training.microBatch).toBe(4)
    expect(scenario.training.recompute).toEqual({ blocks: 3 })
  })

  test("inside of a named entry changes a copy of that entry", () => {
    const { scenario } = load({ "mine.yaml": bloom }, ["model.layers=71"])
    expect(scenario.model).toEqual({ extends: "bloom-176b", layers: 71 })
  })

  test("reaches into lists", () => {
    const { scenario } = load({ "mine.yaml": bloom.replace("recompute: full", "layerSplit: [5, 6]") }, [
      "training.layerSplit.1=7"
    ])
    expect(scenario.training.layerSplit).toEqual([5, 7])
  })

  test("takes a field away with null", () => {
    const { scenario } = load({ "mine.yaml": bloom }, ["training.parallelism.data=null"])
    expect(scenario.training.parallelism).toEqual({ tensor: 4, pipeline: 12 })
  })

  test.each([
    ["training.microBach=4", "training.microBach", "microBatch"],
    ["training.recompute=ful", "training.recompute", "full"],
    ["clusterr.nodes=4", "clusterr", "cluster"]
  ])("is refused by the name of the argument: %s", (argument, path, near) => {
    const issue = refusal([argument])
    expect(issue?.source).toBe(`--set ${argument}`)
    expect(issue?.place).toBeUndefined()
    expect(issue?.path).toBe(path)
    expect(issue?.nearest).toContain(near)
  })

  test.each(["training", "=4", "training..microBatch=4", "training.microBatch=[", "a=*b"])(
    "is refused where it is no assignment: %s",
    (argument) => {
      expect(refusal([argument])?.expected).toContain("path=value")
    }
  )
})

describe("a script", () => {
  const scenario = Scenario.make({
    cluster: { accelerator: { extends: "a100-sxm-80gb", memory: "40 GB" }, accelerators: 8 },
    model: "bloom-7b1",
    training: { globalBatch: 8, schedule: ({ stages }) => Array.from({ length: stages }, () => "F0 B0") }
  })

  test("may give its schedule as a function", () => {
    const loaded = scenarioFromData({ name: "mine.ts", data: scenario })
    const schedule =
      loaded._tag === "LoadedScenario" && "training" in loaded.scenario && loaded.scenario.training.schedule
    expect(typeof schedule).toBe("function")
  })

  test("may leave fields undefined", () => {
    const loaded = scenarioFromData({ name: "mine.ts", data: { ...scenario, name: undefined } })
    expect(loaded._tag).toBe("LoadedScenario")
  })

  test("without a default export is refused", () => {
    const loaded = scenarioFromData({ name: "mine.ts", data: undefined })
    expect(loaded._tag === "Refused" && loaded.issues[0]?.expected).toContain("export default Scenario.make")
  })
})

describe("a measurement belongs to what was measured", () => {
  const measured = "measured: { iterationSeconds: 105.2 s, memory: 59 GB }\n"
  const parent = { "base.yaml": `${bloom}${measured}` }

  test("and is inherited by a scenario that changes nothing it depends on", () => {
    const { scenario } = load({
      ...parent,
      "mine.yaml": "extends: base.yaml\nname: Mine\nprice: { perKilowattHour: 1 }\n"
    })
    expect(scenario.measured).toEqual({ iterationSeconds: 105.2, memory: 59e9 })
  })

  test("but not by one that changes the cluster, the model or the training", () => {
    for (const change of ["cluster: { nodes: 24 }", "model: bloom-7b1", "training: { recompute: none }"]) {
      const { scenario } = load({ ...parent, "mine.yaml": `extends: base.yaml\n${change}\n` })
      expect(scenario).not.toHaveProperty("measured")
    }
  })

  test("of which it has its own", () => {
    const { scenario } = load({
      ...parent,
      "mine.yaml": "extends: base.yaml\ntraining: { recompute: none }\nmeasured: { memory: 70 GB }\n"
    })
    expect(scenario.measured).toEqual({ memory: 70e9 })
  })

  test("and is kept apart once --set changes the training", () => {
    const loaded = load({ "mine.yaml": `${bloom}${measured}` }, ["training.microBatch=1", "measured.memory=50 GB"])
    expect(loaded.scenario.measured).toEqual({ memory: 50e9 })
    expect(loaded.measuredUnchanged).toEqual({ iterationSeconds: 105.2 })
  })
})
