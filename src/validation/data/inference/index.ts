/**
 * Published measurements of inference that ship with the product, loaded on demand.
 *
 * Each file holds tables: what all points of a table share, the values that many repeat, and a row a point. A cell of a
 * column that has `values` is an index into them; `null` and cells that are left out at the end mean that the source is
 * silent. Retyped from the sources at the addresses in `url`.
 */

export interface PointTable {
  readonly shared: Readonly<Record<string, unknown>>
  readonly values: Readonly<Record<string, readonly unknown[]>>
  /** Paths such as `measured.ttft_ms`. */
  readonly columns: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
}

type Load = () => Promise<{ readonly default: unknown }>

const files: Readonly<Record<string, Load>> = {
  bloom: () => import("./bloom.json", { with: { type: "json" } }),
  mpt: () => import("./mpt.json", { with: { type: "json" } }),
  "faster-transformer": () => import("./faster-transformer.json", { with: { type: "json" } }),
  "tensorrt-llm-static": () => import("./tensorrt-llm-static.json", { with: { type: "json" } }),
  "tensorrt-llm-in-flight": () => import("./tensorrt-llm-in-flight.json", { with: { type: "json" } }),
  aiconfigurator: () => import("./aiconfigurator.json", { with: { type: "json" } }),
  splitwise: () => import("./splitwise.json", { with: { type: "json" } }),
  mlperf: () => import("./mlperf.json", { with: { type: "json" } }),
  "llama-cpp": () => import("./llama-cpp.json", { with: { type: "json" } }),
  others: () => import("./others.json", { with: { type: "json" } })
}

type Branch = Record<string, unknown>

const isBranch = (value: unknown): value is Branch => typeof value === "object" && value !== null

const put = (into: Branch, path: string, value: unknown): void => {
  const steps = path.split(".")
  const last = steps.pop() ?? path
  let branch = into
  for (const step of steps) {
    const next = branch[step]
    if (isBranch(next)) branch = next
    else branch = branch[step] = {}
  }
  branch[last] = value
}

/** The points of a table, in the form of a measurement file. */
export const pointsOfTable = ({ shared, values, columns, rows }: PointTable): readonly Branch[] =>
  rows.map((row) => {
    const point: Branch = structuredClone(shared)
    for (const [index, column] of columns.entries()) {
      const cell = row[index]
      if (cell === null || cell === undefined) continue
      const listed = values[column]
      put(point, column, listed !== undefined && typeof cell === "number" ? listed[cell] : cell)
    }
    return point
  })

/** Every shipped point, in the form of a measurement file. */
export const shippedInferencePoints = async (): Promise<readonly Branch[]> => {
  const loaded = await Promise.all(Object.values(files).map((load) => load()))
  // The files are the product's own; a test reads each of them.
  return loaded.flatMap((file) => (file.default as readonly PointTable[]).flatMap(pointsOfTable))
}
