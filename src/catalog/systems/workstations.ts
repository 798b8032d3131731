/**
 * Single machines: a workstation with one consumer or workstation card, and Apple computers.
 *
 * Give `acceleratorsPerNode` in a scenario for a machine with several cards.
 */
import type { System } from "../types.ts"

const workstation = (accelerator: string, title: string, link: string, cards = 1): System => ({
  name: cards === 1 ? `workstation-${accelerator}` : `${accelerator}-${cards}x`,
  title: cards === 1 ? `Workstation with one ${title}` : `${cards} x ${title} over PCIe`,
  accelerator,
  acceleratorsPerNode: cards,
  nodes: null,
  scaleUp: { link, domain: cards, topology: "pcie" },
  network: null,
  nodeWatts: cards === 1 ? 150 : 600,
  hostMemoryBytes: cards === 1 ? 64e9 : 512e9,
  notes: cards === 1 ? [] : ["consumer cards have no peer-to-peer traffic: transfers pass through host memory"],
  sources: { default: "assumed: a common workstation" }
})

const appleMachine = (accelerator: string, title: string): System => ({
  name: `${accelerator}-machine`,
  title,
  aliases: [`workstation-${accelerator}`],
  accelerator,
  acceleratorsPerNode: 1,
  nodes: null,
  scaleUp: { link: "unified-memory", domain: 1, topology: "pcie" },
  network: null,
  nodeWatts: 10,
  hostMemoryBytes: null,
  notes: ["host and GPU share the memory of the accelerator entry"],
  sources: { default: "assumed" }
})

export const workstations: readonly System[] = [
  workstation("rtx-3070", "RTX 3070", "pcie4x16"),
  workstation("rtx-3080", "RTX 3080", "pcie4x16"),
  workstation("rtx-3080-ti", "RTX 3080 Ti", "pcie4x16"),
  workstation("rtx-3090", "RTX 3090", "pcie4x16"),
  workstation("rtx-4070-ti", "RTX 4070 Ti", "pcie4x16"),
  workstation("rtx-4080", "RTX 4080", "pcie4x16"),
  workstation("rtx-4090", "RTX 4090", "pcie4x16"),
  workstation("rtx-5090", "RTX 5090", "pcie5x16"),
  workstation("rtx-4000-ada", "RTX 4000 Ada", "pcie4x16"),
  workstation("rtx-5000-ada", "RTX 5000 Ada", "pcie4x16"),
  workstation("rtx-6000-ada", "RTX 6000 Ada", "pcie4x16"),
  workstation("rtx-a6000", "RTX A6000", "pcie4x16"),
  workstation("a40", "A40", "pcie4x16"),
  workstation("l4", "L4", "pcie4x16"),
  workstation("rtx-3090", "RTX 3090", "pcie4x16", 8),
  workstation("rtx-4090", "RTX 4090", "pcie4x16", 8),
  appleMachine("apple-m1", "Apple computer with M1"),
  appleMachine("apple-m1-max", "Apple computer with M1 Max"),
  appleMachine("apple-m2-ultra", "Apple computer with M2 Ultra"),
  appleMachine("apple-m3-max", "Apple computer with M3 Max")
]
