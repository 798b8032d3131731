/**
 * Residuals as a file: names once, then a row a case. `windtunnel validate --write-residuals` writes the shipped one.
 */
import { find, isUnknownName } from "../catalog/index.ts"
import { loads, quantities, type Load, type Quantity, type Residual } from "./residual.ts"

type Row = readonly [
  id: string,
  source: number,
  quantity: number,
  load: number,
  stack: number,
  accelerator: number,
  accelerators: number,
  model: number,
  metric: number,
  measured: number,
  predicted: number,
  error: number,
  leftOut: number
]

export interface ResidualFile {
  /** The version of windtunnel that predicted. */
  readonly windtunnel: string
  readonly sources: readonly string[]
  readonly stacks: readonly string[]
  readonly accelerators: readonly string[]
  readonly metrics: readonly string[]
  readonly models: readonly (readonly [title: string, parameters: number, kind: "dense" | "mixture"])[]
  readonly cases: readonly Row[]
}

/** Collects names, each with a number of its own. */
const names = () => {
  const places = new Map<string, number>()
  return {
    all: (): readonly string[] => [...places.keys()],
    of: (name: string): number => {
      const known = places.get(name)
      if (known !== undefined) return known
      places.set(name, places.size)
      return places.size - 1
    }
  }
}

const figures = (value: number): number => Number(value.toPrecision(5))
const short = (value: number): number => Number(value.toFixed(4))

export const writeResiduals = (residuals: readonly Residual[], windtunnel: string): string => {
  const [sources, stacks, accelerators, metrics, models] = [names(), names(), names(), names(), names()]
  const cases = residuals.map((one): Row => [
    one.id,
    sources.of(one.source),
    quantities.indexOf(one.quantity),
    loads.indexOf(one.load),
    stacks.of(one.stack),
    accelerators.of(one.accelerator.name),
    one.accelerators,
    models.of(JSON.stringify([one.model, one.parameters, one.isMixture ? "mixture" : "dense"])),
    metrics.of(one.metric),
    figures(one.measured),
    figures(one.predicted),
    short(one.error),
    short(one.leftOut)
  ])
  const list = (items: readonly string[]): string => items.map((item) => JSON.stringify(item)).join(", ")
  return [
    "{",
    `"windtunnel": ${JSON.stringify(windtunnel)},`,
    `"sources": [${list(sources.all())}],`,
    `"stacks": [${list(stacks.all())}],`,
    `"accelerators": [${list(accelerators.all())}],`,
    `"metrics": [${list(metrics.all())}],`,
    `"models": [\n${models.all().join(",\n")}\n],`,
    `"cases": [\n${cases.map((one) => JSON.stringify(one)).join(",\n")}\n]`,
    "}",
    ""
  ].join("\n")
}

/** Cases of accelerators that the catalogue no longer has are left out. */
export const readResiduals = (file: ResidualFile): readonly Residual[] => {
  const accelerators = file.accelerators.map((name) => {
    const found = find("accelerators", name)
    if (isUnknownName(found)) return undefined
    const { efficiencyClass, generation } = found
    return { name, efficiencyClass, generation }
  })
  return file.cases.flatMap((row): readonly Residual[] => {
    const [id, source, quantity, load, stack, accelerator, count, model, metric, measured, predicted, error, leftOut] =
      row
    const [kind, machine, shape] = [quantities[quantity], accelerators[accelerator], file.models[model]]
    const [by, software, name, arrives] = [
      file.sources[source],
      file.stacks[stack],
      file.metrics[metric],
      loads[load]
    ] as const
    if (kind === undefined || arrives === undefined || machine === undefined || shape === undefined) return []
    if (by === undefined || software === undefined || name === undefined) return []
    const [title, parameters, mixture] = shape
    return [
      {
        id,
        source: by,
        quantity: kind satisfies Quantity,
        load: arrives satisfies Load,
        stack: software,
        accelerator: machine,
        accelerators: count,
        model: title,
        parameters,
        isMixture: mixture === "mixture",
        metric: name,
        measured,
        predicted,
        error,
        leftOut
      }
    ]
  })
}

/** Of the measurements that ship with the product. */
export const shippedResiduals = async (): Promise<readonly Residual[]> =>
  readResiduals((await import("./residuals.json", { with: { type: "json" } })).default as unknown as ResidualFile)
