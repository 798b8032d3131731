/** The page: what it was given is opened; without anything it starts with the shipped scenarios. */
import "./style.css"
import { embeddedFiles, givenFiles, type NamedBytes } from "./reading/given-files.ts"
import { openBytes } from "./reading/open-bytes.ts"
import { badFile, type BadFile } from "./reading/chrome-events.ts"
import { readResult, type RunResult } from "./model/run-result.ts"
import { makeStartPage } from "./start/start-page.ts"
import { makeApp, type App } from "./view/app.ts"
import { h, replace } from "./view/dom.ts"
import { makeDropZone } from "./view/drop-zone.ts"
import type { Run } from "./view/session.ts"
import { applyTheme } from "./view/theme.ts"
import { makeClient } from "./what-if/client.ts"
import { makeWhatIf } from "./what-if/panel.ts"
import type { Simulated } from "./what-if/protocol.ts"
import { startWorker } from "./what-if/start-worker.ts"

const page = document.getElementById("page") ?? document.body.appendChild(h("div", { id: "page" }))
const client = makeClient(startWorker)
const studyClient = makeClient(startWorker)
let opened: readonly Run[] = []

const baseName = (name: string): string => name.split(/[/\\]/).at(-1) ?? name

/** A run of the files of one folder, or of one file. */
const runOfFiles = async (
  files: readonly NamedBytes[]
): Promise<Run | { readonly scenario: string; readonly name: string } | BadFile> => {
  let read: Run["read"] | undefined
  let result: RunResult | undefined
  let scenario: string | undefined
  let name = ""
  for (const file of files) {
    const found = await openBytes(file.name, file.bytes)
    if (found._tag === "BadFile") return badFile(`${baseName(file.name)}: ${found.message}`)
    if (found._tag === "Trace") {
      read = found
      name ||= baseName(file.name)
    } else if (found._tag === "Result") result = readResult(found.document)
    else {
      scenario = found.text
      name ||= baseName(found.name)
    }
  }
  if (read === undefined && scenario !== undefined) return { scenario, name }
  if (read === undefined) return badFile("there is no trace here: a result alone has no timeline")
  return {
    name: result?.name ?? name,
    read,
    ...(result === undefined ? {} : { result }),
    ...(scenario === undefined
      ? result === undefined
        ? {}
        : { scenario: JSON.stringify(result.scenario) }
      : { scenario })
  }
}

const runOfSimulation = async ({ document, trace }: Simulated, text: string): Promise<Run | undefined> => {
  if (trace.length === 0) return undefined
  const found = await openBytes("trace.windtunnel", trace)
  const result = readResult(document)
  if (found._tag !== "Trace") return undefined
  return { name: result?.name ?? "run", read: found, scenario: text, ...(result === undefined ? {} : { result }) }
}

const show = (runs: readonly Run[]): void => {
  opened = runs
  if (!app.element.isConnected) replace(page, app.element)
  app.open(runs)
}

const simulated = async (scenario: string): Promise<Run | BadFile> => {
  const outcome = await client.ask("simulate", scenario)
  if (outcome === undefined) return badFile("cancelled")
  if (outcome._tag === "Refusal")
    return badFile(
      outcome.problems
        .map(({ line, message }) => (line === undefined ? message : `line ${line}: ${message}`))
        .join("; ")
    )
  return (await runOfSimulation(outcome, scenario)) ?? badFile("the simulation has no timeline")
}

/** Opens files, beside the run that is shown or in place of it. */
const openFiles = async (files: readonly NamedBytes[], mode: "open" | "compare"): Promise<void> => {
  say(
    `Reading ${files
      .map(({ name }) => baseName(name))
      .join(", ")
      .slice(0, 200)}…`
  )
  try {
    const read = await runOfFiles(files)
    if ("_tag" in read) return say(read.message, true)
    const run = "read" in read ? read : await simulated(read.scenario)
    if ("_tag" in run) return say(run.message, true)
    const [first] = opened
    show(mode === "compare" && first !== undefined ? [first, run] : [run])
    return say(run.read.remarks.length === 0 ? run.name : run.read.remarks.join("; "))
  } catch (error) {
    return say(`The file cannot be shown: ${error instanceof Error ? error.message : String(error)}`, true)
  }
}

const askForFile = (mode: "open" | "compare"): void => {
  const input = h("input", { type: "file", multiple: true, accept: ".windtunnel,.json,.gz,.yaml,.yml" })
  input.addEventListener("change", () => void bytesOf([...(input.files ?? [])]).then((files) => openFiles(files, mode)))
  input.click()
}

const bytesOf = (files: readonly File[]): Promise<readonly NamedBytes[]> =>
  Promise.all(files.map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })))

const goHome = (): void => {
  opened = []
  history.replaceState(null, "", location.pathname + location.search)
  document.title = "Windtunnel"
  replace(page, startPage())
}

const startPage = (): HTMLElement =>
  makeStartPage({
    onFile: () => askForFile("open"),
    onShipped: async (name) => {
      const text = await client.ask("shipped", name)
      const run = text === undefined ? badFile("there is no such scenario") : await simulated(text)
      if ("_tag" in run) return run.message
      show([run])
      return undefined
    }
  })

const app: App = makeApp({
  askForFile,
  goHome,
  makeWhatIf: (run, onRun, onClose) =>
    makeWhatIf({
      run,
      client,
      studyClient,
      runOf: runOfSimulation,
      onRun: (next) => {
        opened = [next]
        onRun(next)
      },
      onCompare: (next) =>
        show([
          { ...run, name: `${run.name} (before)` },
          { ...next, name: `${next.name} (changed)` }
        ]),
      onClose,
      scenarioName: scenarioArgument()
    })
})

/** What the command line calls the scenario: the file beside the run that was opened. */
const scenarioArgument = (): string => {
  const given = givenFiles()
  return given?.scenarioName ?? "scenario.json"
}

const say = (message: string, isError = false): void => {
  if (app.element.isConnected) return app.say(message, isError)
  const line = document.querySelector<HTMLElement>(".start .status")
  if (line === null) return
  line.textContent = message.slice(0, 1000)
  line.classList.toggle("error", isError)
  line.classList.add("shown")
}

makeDropZone(
  () => opened.length > 0 && app.element.isConnected,
  (files, mode) => void bytesOf(files).then((read) => openFiles(read, mode))
)

const begin = async (): Promise<void> => {
  applyTheme()
  const given = givenFiles()
  const embedded = embeddedFiles()
  if (given === undefined && embedded.length === 0) return goHome()
  const files = given === undefined ? await Promise.all(embedded.map((read) => read())) : await fetchAll(given.files)
  const bad = files.find((file): file is BadFile => "_tag" in file)
  const read = bad ?? (await runOfFiles(files.filter((file): file is NamedBytes => !("_tag" in file))))
  if ("read" in read) return show([read])
  if ("scenario" in read) {
    const run = await simulated(read.scenario)
    if (!("_tag" in run)) return show([run])
    return fail(run.message)
  }
  return fail(read.message)
}

const fetchAll = (paths: readonly string[]): Promise<readonly (NamedBytes | BadFile)[]> =>
  Promise.all(
    paths.map(async (path) => {
      const response = await fetch(path)
      if (!response.ok) return badFile(`${path}: ${response.status}`)
      return { name: path, bytes: new Uint8Array(await response.arrayBuffer()) }
    })
  )

const fail = (message: string): void => {
  replace(
    page,
    h(
      "main",
      { class: "failed" },
      h("h1", {}, "Nothing to show"),
      h("p", {}, message.slice(0, 1000)),
      h("button", { type: "button", onclick: goHome }, "Start page")
    )
  )
}

Object.defineProperty(window, "windtunnel", {
  value: {
    probe: () => app.probe(),
    lastFrame: () => app.lastFrame(),
    openFiles: (files: readonly NamedBytes[], mode: "open" | "compare") => openFiles(files, mode)
  }
})

begin().catch((error: unknown) => fail(error instanceof Error ? error.message : String(error)))
