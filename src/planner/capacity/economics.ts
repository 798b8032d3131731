/**
 * The same fleet rented, bought, or not had at all: tokens from somebody's interface.
 *
 *   rented = accelerators x price of an hour
 *   bought = accelerators x purchase price x (1 + share for the rest of the servers) / (years x 8,766 h)
 *            + watts x PUE x price of a kWh
 *   API    = tokens an hour x price of a token
 *
 * A fleet costs the same whatever comes; an API costs by the token. So there is a load at which both cost the same.
 */
export interface PriceInputs {
  /** Over which a purchase is written off. */
  readonly depreciationYears: number
  /** What servers, network and racks add to the price of their accelerators, as a share of it. */
  readonly serverShare: number
  readonly dollarsPerKilowattHour: number
  readonly powerUsageEffectiveness: number
  /** Of an API, dollars a million tokens; absent = not compared. */
  readonly api?: { readonly prompt: number; readonly output: number }
  /** Share of the hours of its busiest load that a service has on average: 1 = always as busy. */
  readonly meanLoad: number
}

/**
 * Four years: the middle of what operators write servers off over (three to six). A third of a server's price is not
 * accelerators (a DGX H100 of 8 at about 30,000 $ each sells for 300,000 to 400,000 $). 10 cents a kWh: a large customer's.
 */
export const usualPrices: PriceInputs = {
  depreciationYears: 4,
  serverShare: 0.5,
  dollarsPerKilowattHour: 0.1,
  powerUsageEffectiveness: 1.3,
  meanLoad: 1
}

const hoursOfYear = 8766

export interface FleetFacts {
  readonly accelerators: number
  /** Dollars of an hour of one, and to buy one; undefined where nobody says. */
  readonly perHour: number | undefined
  readonly purchase: number | undefined
  readonly watts: number
  readonly promptTokensPerSecond: number
  readonly outputTokensPerSecond: number
}

export interface CostWays {
  /** Dollars an hour, and a million output tokens. */
  readonly rented: Way | null
  readonly bought: (Way & { readonly upFront: number; readonly powerPerHour: number }) | null
  readonly api: Way | null
  /** Times the load at which an API costs as much as renting, or buying; null without either. */
  readonly apiPaysBelow: { readonly rented: number | null; readonly bought: number | null }
  /** Share of the hours at which buying costs as much as renting by the hour. */
  readonly rentBelowShare: number | null
}

export interface Way {
  readonly perHour: number
  readonly perMillionOutput: number
}

export const waysOf = (fleet: FleetFacts, inputs: PriceInputs): CostWays => {
  const { accelerators, perHour, purchase, watts, promptTokensPerSecond, outputTokensPerSecond } = fleet
  const millionsAnHour = (rate: number): number => (rate * inputs.meanLoad * 3600) / 1e6
  const way = (dollars: number): Way => ({
    perHour: dollars,
    perMillionOutput: dollars / millionsAnHour(outputTokensPerSecond)
  })
  const rented = perHour === undefined ? null : way(accelerators * perHour)
  const powerPerHour = (watts / 1000) * inputs.powerUsageEffectiveness * inputs.dollarsPerKilowattHour
  const upFront = purchase === undefined ? undefined : accelerators * purchase * (1 + inputs.serverShare)
  const bought =
    upFront === undefined
      ? null
      : { ...way(upFront / (inputs.depreciationYears * hoursOfYear) + powerPerHour), upFront, powerPerHour }
  const api =
    inputs.api === undefined
      ? null
      : way(
          millionsAnHour(promptTokensPerSecond) * inputs.api.prompt +
            millionsAnHour(outputTokensPerSecond) * inputs.api.output
        )
  const below = (own: Way | null): number | null =>
    own === null || api === null || !(api.perHour > 0) ? null : own.perHour / api.perHour
  return {
    rented,
    bought,
    api,
    apiPaysBelow: { rented: below(rented), bought: below(bought) },
    rentBelowShare: rented === null || bought === null || rented.perHour === 0 ? null : bought.perHour / rented.perHour
  }
}
