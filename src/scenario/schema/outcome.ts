/**
 * What a scenario says of money, and of measurements to show beside the prediction.
 */
import * as Schema from "effect/Schema"
import { flag, quantity, text } from "../quantity.ts"

const optional = Schema.optionalKey

export const priceSchema = Schema.Struct({
  perAcceleratorHour: optional(quantity("money", 0, 1e6, "Dollars per accelerator and hour", 2)),
  perKilowattHour: optional(quantity("money", 0, 1e4, "Dollars per kWh", 0.1)),
  powerUsageEffectiveness: optional(
    quantity("count", 1, 10, "Power of the building over that of the machines; default 1", 1.2)
  ),
  gramsPerKilowattHour: optional(quantity("count", 0, 1e5, "Grams of CO2 per kWh", 57))
}).annotate({ description: "What time and energy cost" })

const time = (description: string, example: string) => optional(quantity("time", 1e-9, 1e9, description, example))
const amount = (description: string, example: number) => optional(quantity("count", 0, 1e12, description, example))

/** What was published of a whole training run. */
const measuredRun = Schema.Struct({
  duration: optional(quantity("time", 1, 1e12, "Time from the first step to the last", "105 days")),
  acceleratorHours: amount("Accelerators times hours", 1_082_990),
  energy: optional(quantity("energy", 0, 1e18, "Energy of all machines", "690 MWh")),
  ratedEnergy: optional(quantity("energy", 0, 1e18, "Energy of the accelerators at their rated power", "433 MWh")),
  goodput: optional(quantity("fraction", 0, 1, "Effective training time over time", 0.9)),
  interruptions: amount("Interruptions, planned ones too", 466),
  cost: optional(quantity("money", 0, 1e12, "Dollars", "871k")),
  source: optional(text("Where these were read"))
}).annotate({ description: "Training: what was published of the whole run, to show beside it" })

export const measuredSchema = Schema.Struct({
  iterationSeconds: time("Training: measured time of an iteration", "105 s"),
  tflopsPerAccelerator: optional(
    quantity("count", 0, 1e6, "Training: TFLOP/s per accelerator as the stack logged it", 149)
  ),
  memory: optional(quantity("bytes", 0, 1e15, "Measured peak memory of the fullest accelerator", "59 GB")),
  run: optional(measuredRun),
  ttft: time("Serving: measured mean time to the first token", "180 ms"),
  tpot: time("Serving: measured mean time per token after the first", "25 ms"),
  e2e: time("Serving: measured mean time to the last token", "4.2 s"),
  e2eP50: time("Serving: measured median time to the last token", "4 s"),
  e2eP99: time("Serving: measured 99th percentile of the time to the last token", "9 s"),
  requestsPerSecond: amount("Serving: measured requests finished per second", 10),
  outputTokensPerSecond: amount("Serving: measured tokens generated per second", 1200),
  tokensPerSecond: amount("Serving: measured tokens per second, prompts included", 5300),
  loadSeconds: time("Serving: measured time to load the weights", "45 s"),
  fits: optional(flag("Serving: whether the model was seen to fit")),
  source: optional(text("Where the measurement was read"))
}).annotate({ description: "A measurement to show beside the prediction; never used to make it" })
