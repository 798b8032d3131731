/** Asking the simulation worker; a simulation that nobody waits for any more is ended with its worker. */
import type { Request, RequestName } from "./protocol.ts"

export interface Client {
  /** The answer, or undefined when the worker was ended before it came. */
  readonly ask: <Name extends RequestName>(
    name: Name,
    ask: Request[Name]["ask"],
    /** Hears of answers that are not the last one. */
    onPart?: (part: Request[Name]["answer"]) => void
  ) => Promise<Request[Name]["answer"] | undefined>
  /** Ends what runs now; the next question starts a new worker. */
  readonly cancel: () => void
}

interface Answer {
  readonly id: number
  readonly answer?: unknown
  readonly failure?: string
  /** More of it comes. */
  readonly isPart?: boolean
}

export const makeClient = (startWorker: () => Promise<Worker>): Client => {
  let worker: Promise<Worker> | undefined
  let last = 0
  const waiting = new Map<
    number,
    {
      readonly resolve: (answer: unknown) => void
      readonly reject: (error: Error) => void
      readonly onPart: ((part: unknown) => void) | undefined
    }
  >()

  const start = async (): Promise<Worker> => {
    const started = await startWorker()
    started.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
      const one = waiting.get(data.id)
      if (data.isPart === true) return one?.onPart?.(data.answer)
      waiting.delete(data.id)
      if (data.failure === undefined) one?.resolve(data.answer)
      else one?.reject(new Error(data.failure))
      return undefined
    })
    started.addEventListener("error", (event) => {
      event.preventDefault()
      for (const one of waiting.values()) one.reject(new Error(event.message || "the simulator could not be started"))
      waiting.clear()
      worker = undefined
    })
    return started
  }

  return {
    ask: async <Name extends RequestName>(
      name: Name,
      ask: Request[Name]["ask"],
      onPart?: (part: Request[Name]["answer"]) => void
    ) => {
      worker ??= start()
      const current = await worker
      const id = ++last
      return new Promise<Request[Name]["answer"] | undefined>((resolve, reject) => {
        waiting.set(id, {
          resolve: (answer) => resolve(answer as Request[Name]["answer"] | undefined),
          reject,
          onPart: onPart as ((part: unknown) => void) | undefined
        })
        // A worker has no origin to name.
        // oxlint-disable-next-line unicorn/require-post-message-target-origin
        current.postMessage({ id, name, ask })
      })
    },
    cancel: () => {
      const ended = worker
      worker = undefined
      void ended?.then((running) => running.terminate())
      for (const one of waiting.values()) one.resolve(undefined)
      waiting.clear()
    }
  }
}
