/** The simulator's worker: of the file beside the page, or packed inside of a page that is a single file. */
import { bytesOfBase64 } from "../reading/given-files.ts"
import { unpack } from "../reading/open-bytes.ts"

export const startWorker = async (): Promise<Worker> => {
  const packed = document.getElementById("windtunnel-worker")?.textContent?.trim()
  if (packed === undefined || packed === "")
    return new Worker(new URL("./worker.ts", import.meta.url), { type: "module" })
  const script = await unpack(bytesOfBase64(packed))
  if ("_tag" in script) throw new Error(script.message)
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }))
  const worker = new Worker(address)
  // The worker has its script by the time it answers.
  worker.addEventListener("message", () => URL.revokeObjectURL(address), { once: true })
  return worker
}
