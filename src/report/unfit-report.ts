/**
 * The report of a server that the model does not fit on: what fills its memory, and what would fit.
 */
import {
  changeText,
  describeServing,
  resolveServing,
  scenarioWith,
  type ResolvedServing,
  type ServingAlternative
} from "../scenario/index.ts"
import { formatBytes, formatCount } from "../units/index.ts"
import { picture, table, text, type Provenance, type Report, type Section } from "./document.ts"
import { launchSection } from "./launch/section.ts"
import { servingLaunch } from "./launch/serving.ts"
import { neededBytes, requestBytes, servingMemory } from "./serving-resources.ts"
import { bytes, count, figure, seconds, words } from "./show.ts"

export interface UnfitFindings {
  readonly resolved: ResolvedServing
  readonly alternatives: readonly ServingAlternative[]
  readonly provenance: Provenance
}

export const unfitReport = ({ resolved, alternatives, provenance }: UnfitFindings): Report => {
  const { job } = resolved
  const { memory } = job
  const about = describeServing(resolved)
  const [smallest] = alternatives
  const way = smallest === undefined ? "no small change makes it fit" : `${changeText(smallest.changes)} would fit`
  return {
    kind: "serving",
    title: about.title,
    about: [...about.server, ...about.workload],
    answer: memory.fits
      ? `${job.target.model.title} fits, but its KV cache has no room for a request of mean length; ${way}.`
      : `${job.target.model.title} does not fit: an accelerator needs ${formatBytes(neededBytes(job))} of the ${formatBytes(memory.usableBytes)} that the server may use; ${way}.`,
    figures: [
      figure("weights", memory.weights, bytes("")),
      figure(
        "needed besides",
        neededBytes(job) - memory.weights,
        bytes(""),
        `${formatBytes(requestBytes(job))} of it for one request`
      ),
      figure("may be used", memory.usableBytes, bytes(""), `of ${formatBytes(memory.capacityBytes)}`)
    ],
    trust: "How sure: memory is added up from shapes and from what the engine reserves.",
    picture: servingMemory(job, null),
    assumptions: [],
    sections: [
      {
        id: "fit",
        title: "What would make it fit",
        blocks:
          alternatives.length === 0
            ? [text("No small change that was tried makes it fit.")]
            : [
                table(
                  "The smallest changes that fit, each tried with a few requests",
                  [
                    words("change"),
                    bytes("weights"),
                    count("tokens in the cache"),
                    seconds("a token of a lone request")
                  ],
                  alternatives.map(({ changes, job: changed, tokenSeconds }) => [
                    changeText(changes),
                    changed.memory.weights,
                    changed.cache.blocks * changed.cache.blockTokens,
                    tokenSeconds
                  ])
                ),
                text(
                  `The cache of the scenario as it is holds ${formatCount(job.cache.blocks * job.cache.blockTokens)} tokens.`
                ),
                picture(servingMemory(alternatives[0]?.job ?? job, null))
              ]
      },
      ...launchOf(resolved, smallest)
    ],
    provenance: [provenance]
  }
}

/** The command lines of the first way out: nobody wants those of what does not fit. */
const launchOf = (resolved: ResolvedServing, smallest: ServingAlternative | undefined): readonly Section[] => {
  if (smallest === undefined) return []
  const loaded = scenarioWith(resolved, smallest.changes)
  const changed = loaded._tag === "Refused" ? loaded : resolveServing(loaded)
  if (changed._tag === "Refused") return []
  return [launchSection(servingLaunch(changed), `With ${changeText(smallest.changes)}, as the software is told it.`)]
}
