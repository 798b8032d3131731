/**
 * Options of `windtunnel plan` for servers: fields of the scenario's `capacity` block under their own names.
 */
/** Options as they were written; undefined = not given. */
export interface CapacityOptions {
  readonly load: string | undefined
  readonly night: string | undefined
  readonly slo: string | undefined
  readonly objective: string | undefined
  readonly systems: string | undefined
  readonly tensor: string | undefined
  readonly pipeline: string | undefined
  readonly precisions: string | undefined
  readonly expert: string | undefined
  readonly disaggregation: string | undefined
  readonly accelerators: string | undefined
  readonly priceAt: string | undefined
  readonly spareNodes: string | undefined
  readonly models: string | undefined
  readonly budget: string | undefined
  readonly apiPrice: string | undefined
}

/** Lists are written with commas: `--systems dgx-h100,dgx-a100`. */
const listed = (text: string | undefined): string | undefined => (text === undefined ? undefined : `[${text}]`)

/** Options as assignments to the scenario's `capacity` block. */
export const assignments = (options: CapacityOptions): readonly string[] => {
  const [prompt, output] = options.apiPrice?.split("/") ?? []
  const fields: Readonly<Record<string, string | undefined>> = {
    load: options.load,
    night: options.night,
    slo: options.slo === undefined ? undefined : JSON.stringify(options.slo),
    objective: options.objective,
    systems: listed(options.systems),
    tensor: listed(options.tensor),
    pipeline: listed(options.pipeline),
    precisions: listed(options.precisions),
    expert: listed(options.expert),
    disaggregation: listed(options.disaggregation),
    accelerators: options.accelerators,
    priceAt: options.priceAt,
    spareNodes: options.spareNodes,
    budget: options.budget,
    apiPrice: options.apiPrice === undefined ? undefined : `{ prompt: ${prompt}, output: ${output ?? prompt} }`
  }
  return Object.entries(fields).flatMap(([field, value]) => (value === undefined ? [] : [`capacity.${field}=${value}`]))
}
