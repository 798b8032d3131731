/** A small picture of a 1F1B schedule, from its closed form: forward takes one unit, backward two. */

export interface PictureBox {
  readonly stage: number
  readonly microBatch: number
  readonly isForward: boolean
  readonly start: number
  readonly duration: number
}

/** Boxes of `microBatches` micro-batches over `stages` stages; one stage runs forward and backward in turn. */
export const scheduleBoxes = (stages: number, microBatches: number): readonly PictureBox[] => {
  const forwardEnd: number[][] = Array.from({ length: stages }, () => [])
  const backwardEnd: number[][] = Array.from({ length: stages }, () => [])
  const orders = Array.from({ length: stages }, (_, stage) => {
    const warm = Math.min(microBatches, stages - stage)
    const order: { readonly isForward: boolean; readonly microBatch: number }[] = []
    for (let index = 0; index < warm; index++) order.push({ isForward: true, microBatch: index })
    for (let index = 0; index < microBatches; index++) {
      order.push({ isForward: false, microBatch: index })
      if (warm + index < microBatches) order.push({ isForward: true, microBatch: warm + index })
    }
    return order
  })
  const boxes: PictureBox[] = []
  const next = orders.map(() => 0)
  const free = orders.map(() => 0)
  for (let left = orders.reduce((sum, order) => sum + order.length, 0); left > 0;) {
    const before = left
    for (let stage = 0; stage < stages; stage++) {
      const operation = orders[stage]![next[stage]!]
      if (operation === undefined) continue
      const { isForward, microBatch } = operation
      const ready = isForward
        ? stage === 0
          ? 0
          : forwardEnd[stage - 1]![microBatch]
        : stage === stages - 1
          ? forwardEnd[stage]![microBatch]
          : backwardEnd[stage + 1]![microBatch]
      if (ready === undefined) continue
      const start = Math.max(free[stage]!, ready)
      const duration = isForward ? 1 : 2
      free[stage] = start + duration
      ;(isForward ? forwardEnd : backwardEnd)[stage]![microBatch] = start + duration
      boxes.push({ stage, microBatch, isForward, start, duration })
      next[stage]!++
      left--
    }
    if (left === before) break
  }
  return boxes
}
