/** Files that the page was given: named by the server that sent it, or embedded in it. */
import type { BadFile } from "./chrome-events.ts"
import { unpack } from "./open-bytes.ts"

export interface NamedBytes {
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface Given {
  readonly files: readonly string[]
  /** How the scenario is called on the command line. */
  readonly scenarioName?: string
}

/** `<script type="application/json" id="windtunnel-given">`, which `windtunnel view` writes into the page. */
export const givenFiles = (): Given | undefined => {
  const text = document.getElementById("windtunnel-given")?.textContent
  if (text === undefined || text === null) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== "object" || value === null || !("files" in value) || !Array.isArray(value.files))
      return undefined
    const files = value.files.filter((file): file is string => typeof file === "string")
    const name = "scenarioName" in value && typeof value.scenarioName === "string" ? value.scenarioName : undefined
    return files.length === 0 ? undefined : { files, ...(name === undefined ? {} : { scenarioName: name }) }
  } catch {
    return undefined
  }
}

/** A plain loop: `Uint8Array.from` with a function took a second for 15 MB. */
export const bytesOfBase64 = (text: string): Uint8Array<ArrayBuffer> => {
  const letters = atob(text)
  const bytes = new Uint8Array(letters.length)
  for (let at = 0; at < bytes.length; at++) bytes[at] = letters.charCodeAt(at)
  return bytes
}

/** `<script type="text/plain" class="windtunnel-file" data-name="...">` with a packed file in base64. */
export const embeddedFiles = (): readonly (() => Promise<NamedBytes | BadFile>)[] =>
  [...document.querySelectorAll<HTMLScriptElement>("script.windtunnel-file")].map((element) => async () => {
    const bytes = await unpack(bytesOfBase64(element.textContent.trim()))
    return "_tag" in bytes ? bytes : { name: element.dataset["name"] ?? "file", bytes }
  })
