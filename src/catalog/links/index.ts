/**
 * Links inside a node, to the host and between nodes.
 *
 * A latency is that of the wire and its switch, one hop in one direction; what the communication library adds belongs
 * to the collective. Shares are of the nominal rate, for large messages.
 */
import { constantOf } from "../constants/index.ts"
import type { Link } from "../types.ts"
import { host } from "./host.ts"
import { network } from "./network.ts"
import { scaleUp } from "./scale-up.ts"

/** A link with its fitted shares, where measurements gave any. */
export const currentLink = (link: Link): Link => {
  const collective = constantOf(`link.${link.name}.collectiveShare`)
  const pointToPoint = constantOf(`link.${link.name}.pointToPointShare`)
  if (collective === undefined && pointToPoint === undefined) return link
  return {
    ...link,
    collectiveShare: collective?.value ?? link.collectiveShare,
    pointToPointShare: pointToPoint?.value ?? link.pointToPointShare,
    sources: {
      ...link.sources,
      ...(collective === undefined ? {} : { collectiveShare: collective.source }),
      ...(pointToPoint === undefined ? {} : { pointToPointShare: pointToPoint.source })
    }
  }
}

export const links: readonly Link[] = [...scaleUp, ...host, ...network].map(currentLink)
