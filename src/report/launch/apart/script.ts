/**
 * One shell script for all nodes of a fleet: run with its number on each node, it starts that node's servers; run with `router`,
 * it starts what divides the requests among them.
 */
import { formatCount } from "../../../units/index.ts"
import { quoted, type Flags } from "../file.ts"
import type { Places, Placement } from "./places.ts"

/** The command of a server. Text with expansions is the shell's as it stands; the flags' values are quoted. */
export interface ServerCommand {
  /** Lines before it, such as what another rank is told. */
  readonly before?: readonly string[]
  readonly environment: readonly (readonly [name: string, text: string])[]
  readonly start: readonly string[]
  readonly flags: Flags
  /** Flags whose values the shell works out, in lines of their own. */
  readonly expanded: readonly string[]
}

const indented = (lines: readonly string[], by = 2): readonly string[] =>
  lines.map((line) => (line === "" ? line : " ".repeat(by) + line))

/** A number that grows by `step` from server to server of a node. */
export const ofServer = ({ servers }: Pick<Places, "servers">, base: number, step: number): string =>
  servers === 1 ? String(base) : `$((${base} + ${step === 1 ? "" : `${step} * `}server))`

/** The accelerators of a server, where it does not have the whole node. */
export const devicesOf = (places: Places): readonly (readonly [string, string])[] => {
  const { size, first, pool, span } = places
  if (span > 1 || size === pool.acceleratorsPerNode) return []
  const from = ofServer(places, first, size)
  if (size === 1) return [["CUDA_VISIBLE_DEVICES", from]]
  const to = ofServer(places, first + size - 1, size)
  return [["CUDA_VISIBLE_DEVICES", `$(seq -s, ${from} ${to})`]]
}

/** Its own address, as a server tells it to the others. */
export const ownAddress = `"\${NODES[$1]}"`

const nodesText = ({ node, nodes }: Places): string =>
  nodes === 1 ? `node ${node}` : `nodes ${node} to ${node + nodes - 1}`

const whatText = (places: Places): string => {
  const { pool, servers, span, size, nodes } = places
  const each = nodes === 1 ? "" : " on each"
  const count = span > 1 ? nodes / span : servers
  return `${pool.name}, ${nodesText(places)}: ${formatCount(count)} server${count === 1 ? "" : "s"} of ${
    span > 1 ? `${span} nodes` : `${size} accelerator${size === 1 ? "" : "s"}${each}`
  }`
}

const commandLines = ({ environment, start, flags, expanded }: ServerCommand): readonly string[] => {
  const words = [
    ...environment.map(([name, text]) => `${name}=${text}`),
    start.map(quoted).join(" "),
    ...flags.flatMap(([flag, value]) =>
      value === undefined ? [] : [value === true ? `  ${flag}` : `  ${flag} ${quoted(String(value))}`]
    ),
    ...expanded.map((line) => `  ${line}`)
  ]
  return words.map((line, index) => (index === words.length - 1 ? `${line} &` : `${line} \\`))
}

/** The servers of some nodes, started where the script runs on one of them. */
const serverLines = (places: Places, command: ServerCommand): readonly string[] => {
  const { node, nodes, servers, span } = places
  const own = [...(command.before ?? []), ...commandLines(command)]
  return [
    "",
    `# ${whatText(places)}`,
    nodes === 1 ? `if [ "$1" -eq ${node} ]; then` : `if [ "$1" -ge ${node} ] && [ "$1" -le ${node + nodes - 1} ]; then`,
    ...(span === 1 ? [] : [`  rank=$((($1 - ${node}) % ${span}))`, `  head=\${NODES[$1 - rank]}`]),
    ...(servers === 1 ? indented(own) : [`  for server in {0..${servers - 1}}; do`, ...indented(own, 4), "  done"]),
    "fi"
  ]
}

/**
 * Words for each server, gathered in an array of the shell.
 *
 * @param wordsOf  is given the server's address as the shell writes it
 */
export const gathered = (
  places: readonly Places[],
  array: string,
  wordsOf: (places: Places, address: string) => readonly string[]
): readonly string[] =>
  places.flatMap((one) => {
    const { node, nodes, servers, span } = one
    const isOnly = nodes === span
    const loops = [
      ...(isOnly ? [] : [`for node in {${node}..${node + nodes - 1}${span === 1 ? "" : `..${span}`}}; do`]),
      ...(servers === 1 ? [] : [`for server in {0..${servers - 1}}; do`])
    ]
    const [first, ...rest] = wordsOf(one, `\${NODES[${isOnly ? node : "node"}]}`)
    const words = [`${array}+=(${first}`, ...rest.map((word) => `  ${word}`)].map((line, index, { length }) =>
      index === length - 1 ? `${line})` : line
    )
    return loops.length === 0 ? words : [loops.join(" "), ...indented(words), loops.map(() => "done").join("; ")]
  })

export interface FleetScript {
  readonly placement: Placement
  /** Files that every node needs, as text of the shell. */
  readonly files?: readonly string[]
  readonly server: (places: Places) => ServerCommand
  readonly router: readonly string[]
}

export const fleetScript = ({ placement, files = [], server, router }: FleetScript): string => {
  const last = placement.nodes - 1
  return [
    `# On each node: bash launch.sh NUMBER, ${last === 0 ? "here 0" : `from 0 to ${last}`}`,
    "# Then once: bash launch.sh router",
    `NODES=(node-${last === 0 ? 0 : `{0..${last}}`}) # the addresses of your nodes`,
    ...files,
    "",
    'if [ "$1" = router ]; then',
    ...indented(router),
    "  exit",
    "fi",
    ...placement.places.flatMap((places) => serverLines(places, server(places))),
    "",
    "wait"
  ].join("\n")
}
