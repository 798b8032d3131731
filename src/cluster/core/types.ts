/**
 * The network above the nodes' cards: switches or cables, as directed links, and the ways through them.
 */

/** A network card, or a bundle of cards: one of the `rails` of a node. */
export interface Port {
  /** Node as the machine room numbers them. */
  readonly node: number
  readonly rail: number
}

/** Links with the share of a flow's bytes that each carries; a link may come up more than once. */
export interface Path {
  readonly links: readonly number[]
  readonly weights: readonly number[]
}

export type CoreTier = "leaf-spine" | "spine-core" | "local" | "global" | "torus"

/** Links whose rate a scenario may lower: by a name, or all or one of a tier. */
export interface DegradedLink {
  /** Such as "leaf 3 -> spine 1"; "<->" for both directions. */
  readonly link?: string
  readonly tier?: CoreTier
  readonly index?: number
  /** Share of the rate that is left; 0 = missing. */
  readonly rate: number
}

export interface Core {
  /** Bytes/s of each directed link. */
  readonly capacities: Float64Array
  /** Links of each tier that exists: the first id, and how many. */
  readonly tiers: readonly { readonly tier: CoreTier; readonly first: number; readonly count: number }[]
  readonly nameOf: (link: number) => string
  /** Links that a name means: a trunk where routing keeps the links of a switch equally full; empty where there is none. */
  readonly named: (from: string, to: string) => readonly NamedLink[]
  /** An example of a name, for refusals. */
  readonly example: string
  /** The way between two ports; empty where they share a switch, null where every way is missing. */
  readonly route: (from: Port, to: Port) => Path | null
  /** Links of the tree of switches that sums over these ports, or why there is none. */
  readonly reduce: (ports: readonly Port[]) => Path | string
  /** Whether rings run both ways at once, because each cable of a node leads to one neighbour alone. */
  readonly runsBothWays: boolean
  /** The smallest switch (row of a torus) and the pod (group, plane) that a node hangs on. */
  readonly leafOf: (node: number) => number
  readonly podOf: (node: number) => number
}

/** A link of a name, and the part of the link that the name means: 1 / 16 of a trunk of 16 cables. */
export interface NamedLink {
  readonly link: number
  readonly part: number
}

/** What every kind of core is made for. */
export interface CoreSite {
  /** Nodes that the network has ports for. */
  readonly nodes: number
  readonly rails: number
  /** Attainable bytes/s of one port. */
  readonly port: number
  readonly seed: number
}
