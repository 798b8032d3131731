/**
 * Text chunks to lines. A line ends with LF or CRLF; the last one may lack its end. No more than the longest allowed line is
 * ever held, however long a line of the file is.
 */

export interface LineReceiver {
  readonly line: (text: string, number: number) => void
  /** A line grew too long; the rest of it is passed over unseen. */
  readonly tooLong: (beginning: string, number: number) => void
}

export interface LineSplitter {
  readonly push: (chunk: string) => void
  /** Hands out the last line if anything came after the last line end. */
  readonly finish: () => void
  /** What has come of a line that has not ended, and its number. */
  readonly unfinished: () => { readonly text: string; readonly number: number }
}

/** @param longest  characters that a line may have */
export const makeLineSplitter = (longest: number, receiver: LineReceiver): LineSplitter => {
  let held = ""
  let number = 1
  let isPassingOver = false

  const hold = (piece: string): void => {
    if (isPassingOver) return
    if (held.length + piece.length <= longest) {
      held += piece
      return
    }
    isPassingOver = true
    receiver.tooLong(held + piece.slice(0, longest - held.length), number)
    held = ""
  }

  const endLine = (): void => {
    const text = held.endsWith("\r") ? held.slice(0, -1) : held
    held = ""
    if (!isPassingOver) receiver.line(text, number)
    isPassingOver = false
    number++
  }

  return {
    push: (chunk) => {
      let start = 0
      for (let end = chunk.indexOf("\n"); end >= 0; end = chunk.indexOf("\n", start)) {
        hold(chunk.slice(start, end))
        endLine()
        start = end + 1
      }
      if (start < chunk.length) hold(chunk.slice(start))
    },
    finish: () => {
      if (held !== "" || isPassingOver) endLine()
    },
    unfinished: () => ({ text: held, number })
  }
}
