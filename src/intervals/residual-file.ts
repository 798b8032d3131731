/**
 * Residuals as a file: names once, then a row a case. `windtunnel validate --write-residuals` writes the shipped one.
 */
import { find, isUnknownName } from "../catalog/index.ts"
import { loads, quantities, type Load, type Quantity, type Residual, type Setup } from "./residual.ts"

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
  leftOut: number,
  setup?: number
]

/** The names of its fields by their number in `fields`, then their values. */
type SetupRow = readonly [fields: number, ...values: readonly (number | string)[]]

export interface ResidualFile {
  /** The version of windtunnel that predicted. */
  readonly windtunnel: string
  readonly sources: readonly string[]
  readonly stacks: readonly string[]
  readonly accelerators: readonly string[]
  readonly metrics: readonly string[]
  readonly models: readonly (readonly [title: string, parameters: number, kind: "dense" | "mixture"])[]
  /** Names of the fields of a setup; absent in files of before they were kept. */
  readonly fields?: readonly (readonly string[])[]
  readonly setups?: readonly SetupRow[]
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
  const [fields, setups] = [names(), names()]
  const setupOf = (setup: Setup): number =>
    setups.of(JSON.stringify([fields.of(JSON.stringify(Object.keys(setup))), ...Object.values(setup)]))
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
    short(one.leftOut),
    one.setup === undefined ? -1 : setupOf(one.setup)
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
    `"fields": [\n${fields.all().join(",\n")}\n],`,
    `"setups": [\n${setups.all().join(",\n")}\n],`,
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
  const setups = (file.setups ?? []).map(([fields, ...values]): Setup =>
    Object.fromEntries((file.fields?.[fields] ?? []).map((name, index) => [name, values[index] ?? ""]))
  )
  return file.cases.flatMap((row): readonly Residual[] => {
    const [id, source, quantity, load, stack, accelerator, count, model, metric, measured, predicted, error, leftOut] =
      row
    const setup = setups[row[13] ?? -1]
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
        leftOut,
        ...(setup === undefined ? {} : { setup })
      }
    ]
  })
}

/** Of the measurements that ship with the product. */
export const shippedResiduals = async (): Promise<readonly Residual[]> =>
  readResiduals((await import("./residuals.json", { with: { type: "json" } })).default as unknown as ResidualFile)
