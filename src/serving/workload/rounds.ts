/**
 * Rounds of roll-outs, as reinforcement learning has them: all prompts of a round come at once, each several times, and the
 * next round comes when the last answer of this one is there and the weights have been refreshed.
 */
export interface Rounds {
  /** When the next request comes; Infinity while a round is under way or none is left. */
  readonly peek: () => number
  /** Takes the next request; true when it is the first sample of another prompt. */
  readonly take: () => boolean
  /** An answer is there, or will never be. */
  readonly ended: (now: number) => void
  /** Answers are awaited. */
  readonly isOpen: () => boolean
}

export interface RoundsSpec {
  readonly prompts: number
  readonly samples: number
  readonly rounds: number
  readonly refreshSeconds: number
}

export const makeRounds = ({ prompts, samples, rounds, refreshSeconds }: RoundsSpec): Rounds => {
  const size = prompts * samples
  let begun = 1
  let at = 0
  let left = size
  let open = 0
  return {
    peek: () => (left > 0 ? at : Infinity),
    take: () => {
      const isFirst = (size - left) % samples === 0
      left--
      open++
      return isFirst
    },
    ended: (now) => {
      open--
      if (open > 0 || left > 0 || begun === rounds) return
      begun++
      at = now + refreshSeconds
      left = size
    },
    isOpen: () => open > 0
  }
}
