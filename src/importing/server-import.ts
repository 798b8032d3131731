/**
 * A serving engine's command line as a scenario that runs: what it says, what is assumed, what is left out.
 */
import { find, isUnknownName, type Model, type System } from "../catalog/index.ts"
import { resolveServing, scenarioFromData, type ReadText, type ScenarioIssue } from "../scenario/index.ts"
import { flagReader } from "./flag-values.ts"
import { readFlags, type FlagProblem, type FlagTable, type GivenFlags } from "./flags.ts"
import { candidates, type WantedMachines } from "./machines.ts"
import type { ImportedModel } from "./model-entry.ts"
import { readFormats } from "./number-formats.ts"
import { withOptionFile } from "./option-file.ts"
import { issueOf, isRefused, refuse, type RefusedImport } from "./refusal.ts"
import { scenarioData, type ServerOnMachines } from "./scenario-data.ts"
import { servedModel, type ServedModel } from "./served-model.ts"
import { findServer, serverOfWords, type Engine, type ServerCommand } from "./server-command.ts"
import { assumed, notModelled, type Remark, type ServerSettings } from "./settings.ts"
import { sglangFlags } from "./sglang-flags.ts"
import { sglangSettings } from "./sglang-settings.ts"
import { trtllmFlags } from "./trtllm-flags.ts"
import { trtllmSettings } from "./trtllm-settings.ts"
import { vllmFlags } from "./vllm-flags.ts"
import { vllmSettings } from "./vllm-settings.ts"

export interface ServerRequest {
  /** The file's name, or "the command line", for refusals. */
  readonly source: string
  /** A shell script or command, or the words that a shell made of it. */
  readonly command: string | readonly string[]
  /** The model, where its config.json is at hand; else the catalogue is asked. */
  readonly model?: ImportedModel
  /** Machines of the catalogue; default: the smallest usual ones that fit. */
  readonly system?: string
  readonly nodes?: number
  /** An unknown flag refuses the import. */
  readonly isStrict?: boolean
  /** Reads the file of options that a command line names. */
  readonly readText?: ReadText
}

export interface ImportedServer {
  readonly _tag: "ImportedServer"
  readonly engine: Engine
  /** The command, on one line. */
  readonly command: string
  readonly model: Model
  /** A scenario as a file would write it. */
  readonly scenario: Readonly<Record<string, unknown>>
  readonly remarks: readonly Remark[]
  /** Flags that no time depends on. */
  readonly ignored: readonly string[]
  /** The model fits on the machines, and its cache has room for a sequence. */
  readonly fits: boolean
}

const tables: Readonly<Record<Engine, FlagTable>> = { vllm: vllmFlags, trtllm: trtllmFlags, sglang: sglangFlags }

export const importServer = (request: ServerRequest): ImportedServer | RefusedImport => {
  const { source, command: written } = request
  const command = typeof written === "string" ? findServer(source, written) : serverOfWords(source, written)
  if (isRefused(command)) return command
  const expanded =
    command.engine === "trtllm"
      ? { args: command.args, remarks: [] }
      : withOptionFile(command.args, readerOf(command, request))
  const flags = readFlags(expanded.args, tables[command.engine])
  const settings = settingsOf(command, flags, request)
  if (isRefused(settings)) return settings
  const model = servedModel(source, settings.model, request.model)
  if (isRefused(model)) return model
  const remarks = [
    ...expanded.remarks,
    ...settings.remarks,
    ...model.remarks,
    ...flagRemarks(flags, tables[command.engine])
  ]
  return onMachines({
    request,
    command,
    settings,
    model,
    remarks,
    ignored: ignoredFlags(flags, tables[command.engine])
  })
}

/** Files that the script writes itself go before those that are there. */
const readerOf =
  ({ files }: ServerCommand, { readText }: ServerRequest): ReadText =>
  (path) => {
    const written = files.get(path)
    return written === undefined ? (readText?.(path) ?? { failure: "there are no files here" }) : { text: written }
  }

const settingsOf = (
  command: ServerCommand,
  flags: GivenFlags,
  request: ServerRequest
): ServerSettings | RefusedImport => {
  const { source, isStrict } = request
  const reader = flagReader(flags)
  const formats = readFormats(reader)
  const read = (): ServerSettings => {
    switch (command.engine) {
      case "vllm":
        return vllmSettings(command, reader, formats, flags.positional)
      case "sglang":
        return sglangSettings(command, reader, formats, flags.positional)
      default: {
        const file = reader.word("extra-llm-api-options")
        const text = file === undefined ? undefined : readerOf(command, request)(file)
        const extra = text === undefined || "failure" in text ? undefined : text.text
        return trtllmSettings(command, reader, formats, flags.positional, extra)
      }
    }
  }
  const settings = read()
  const wrong: readonly FlagProblem[] = [...reader.wrong, ...formats.wrong, ...(isStrict === true ? flags.unknown : [])]
  return wrong.length === 0
    ? settings
    : {
        _tag: "RefusedImport",
        issues: wrong.map(({ flag, problem, given, expected, nearest }) =>
          issueOf({ source, path: flag, problem, given, expected, nearest })
        )
      }
}

const flagRemarks = (flags: GivenFlags, table: FlagTable): readonly Remark[] => [
  ...[...flags.flags.values()].flatMap(({ name, written }) => {
    const effect = table.rules.get(name)?.effect
    return effect?.kind === "not modelled" ? [notModelled(`${written}: ${effect.why}`)] : []
  }),
  ...flags.unknown.map(({ flag, nearest }): Remark => ({
    kind: "unknown",
    text: `${flag}: there is no such flag${nearest.length === 0 ? "" : `; did you mean ${nearest.join(" or ")}?`}`
  }))
]

const ignoredFlags = (flags: GivenFlags, table: FlagTable): readonly string[] =>
  [...flags.flags.values()]
    .filter(({ name }) => table.rules.get(name)?.effect.kind === "nothing")
    .map(({ written }) => written.split(" ", 1)[0] ?? "")

interface Placed {
  readonly request: ServerRequest
  readonly command: ServerCommand
  readonly settings: ServerSettings
  readonly model: ServedModel
  readonly remarks: readonly Remark[]
  readonly ignored: readonly string[]
}

/** Puts the server on the user's machines, or on the smallest of the usual ones that it fits on. */
const onMachines = (placed: Placed): ImportedServer | RefusedImport => {
  const { request, settings, source } = { ...placed, source: placed.request.source }
  const named = request.system === undefined ? undefined : namedSystem(request.system, source)
  if (named !== undefined && isRefused(named)) return named
  const { tensor, pipeline, data } = settings
  const wanted: WantedMachines = { ranks: tensor * pipeline * data, nodes: request.nodes }
  const tried: Tried[] = []
  for (const system of named === undefined ? candidates(tensor) : [named]) {
    const written = writtenFor(settings, { served: placed.model, system, wanted }, source)
    const { room } = written
    if (typeof room !== "string") return { _tag: "RefusedImport", issues: room }
    tried.push({ ...written, system, room })
    if (room === "all") break
  }
  const chosen =
    tried.find(({ room }) => room === "all") ?? tried.find(({ room }) => room === "some") ?? tried[tried.length - 1]
  if (chosen === undefined) throw new Error("there is always a system to try")
  return {
    _tag: "ImportedServer",
    engine: placed.command.engine,
    command: placed.command.text,
    model: placed.model.model,
    scenario: chosen.scenario,
    remarks: [machineRemark(chosen, named === undefined), ...chosen.remarks, ...placed.remarks].flat(),
    ignored: placed.ignored,
    fits: chosen.room !== "none"
  }
}

/** The scenario without speculation or adapters where the model or the layout cannot have them, with a remark of why. */
const writtenFor = (settings: ServerSettings, place: Omit<ServerOnMachines, "settings">, source: string) => {
  const written = scenarioData({ ...place, settings })
  const room = tryOut(written.scenario, source)
  if (typeof room === "string") return { ...written, room }
  const without = (part: "speculation" | "adapters", from: ServerSettings): ServerSettings =>
    from[part]?.fields === undefined
      ? from
      : { ...from, [part]: { fields: undefined, remarks: [notModelled(`serving.${part}: ${problemOf(room, part)}`)] } }
  for (const fewer of [
    without("speculation", settings),
    without("adapters", settings),
    without("adapters", without("speculation", settings))
  ]) {
    if (fewer === settings) continue
    const reduced = scenarioData({ ...place, settings: fewer })
    const left = tryOut(reduced.scenario, source)
    if (typeof left === "string") return { ...reduced, room: left }
  }
  return { ...written, room }
}

const problemOf = (issues: readonly ScenarioIssue[], part: string): string =>
  (issues.find(({ path }) => path.startsWith(`serving.${part}`)) ?? issues[0])?.problem ?? ""

/** Room for the weights and a sequence of the longest; for the weights and less; for no cache at all. */
type Room = "all" | "some" | "none"

interface Tried {
  readonly scenario: Readonly<Record<string, unknown>>
  readonly remarks: readonly Remark[]
  readonly system: System
  readonly room: Room
}

const namedSystem = (name: string, source: string): System | RefusedImport => {
  const system = find("systems", name)
  return isUnknownName(system)
    ? refuse({
        source,
        path: "--system",
        problem: `there is no system "${name}"`,
        given: name,
        expected: "a name from `windtunnel catalog systems`",
        nearest: system.nearest
      })
    : system
}

const lacks: Readonly<Record<Room, string>> = {
  all: "",
  some: "; its KV cache has no room for a sequence of the longest, which some engines refuse",
  none: "; the model does not fit there"
}

const machineRemark = ({ system, room }: Tried, isOurs: boolean): readonly Remark[] => {
  if (isOurs) {
    const why = room === "all" ? "the smallest of the usual ones that it fits on" : "of the usual ones"
    return [assumed(`the machines: ${system.name}, ${why}${lacks[room]}; --system names others`)]
  }
  return room === "all" ? [] : [assumed(`the machines: ${system.name}, as --system says${lacks[room]}`)]
}

/** What room a scenario leaves, or what is wrong with it. */
const tryOut = (data: unknown, source: string): Room | readonly ScenarioIssue[] => {
  const loaded = scenarioFromData({ name: source, data })
  if (loaded._tag === "Refused") return loaded.issues
  const resolved = resolveServing(loaded)
  if (resolved._tag === "Refused") return resolved.issues
  const { memory, target } = resolved.job
  if (!memory.fits) return "none"
  return memory.keyValueTokens / target.layout.dataAttention >= target.maximumSequence ? "all" : "some"
}
