/**
 * Hardware that a buyer may think about: faster wires, and the next accelerator.
 */
import { accelerators, type Accelerator } from "../catalog/index.ts"
import type { Fabric } from "../cluster/index.ts"
import type { DecodedScenario } from "../scenario/index.ts"
import type { Candidate } from "./candidate.ts"

interface Machines {
  readonly scenario: DecodedScenario
  readonly accelerator: Accelerator
  readonly fabric: Fabric
}

/** What is bought instead of an accelerator, by the family of its efficiency constants: the same form, newer. */
const successors: Readonly<Record<string, readonly string[]>> = {
  volta: ["a100-sxm-80gb", "h100-sxm"],
  ampere: ["h100-sxm", "h200-sxm"],
  hopper: ["h200-sxm", "b200-sxm"],
  ada: ["h100-nvl", "rtx-pro-6000-blackwell"]
}

export const hardwareChanges = ({ scenario, accelerator, fabric }: Machines): readonly Candidate[] => {
  const { network, scaleUp, nodes } = fabric
  return [
    ...(network === null || nodes === 1
      ? []
      : [
          {
            name: `a network twice as fast as ${network.link.title}`,
            kind: "hardware",
            changes: {
              "cluster.network.link": twice(
                network.link.name,
                network.link.bytesPerSecond,
                scenario.cluster.network?.link
              )
            }
          } as const
        ]),
    {
      name: `links inside a node twice as fast as ${scaleUp.link.title}`,
      kind: "hardware",
      changes: {
        "cluster.scaleUp.link": twice(scaleUp.link.name, scaleUp.link.bytesPerSecond, scenario.cluster.scaleUp?.link)
      }
    },
    ...(successors[accelerator.generation] ?? [])
      .flatMap((name) => accelerators.filter((one) => one.name === name && one.name !== accelerator.name))
      .filter(({ memory }) => memory.bytes >= accelerator.memory.bytes * 0.95)
      .map(
        (one) =>
          ({ name: `${one.title} instead`, kind: "hardware", changes: { "cluster.accelerator": one.name } }) as const
      )
  ]
}

/** A link of the catalogue, or one that the scenario wrote out, at twice the rate. */
const twice = (name: string, bytesPerSecond: number, written: unknown): unknown =>
  typeof written === "object" && written !== null
    ? { ...written, bandwidth: undefined, bytesPerSecond: 2 * bytesPerSecond }
    : { extends: typeof written === "string" ? written : name, bytesPerSecond: 2 * bytesPerSecond }
