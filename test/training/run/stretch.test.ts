import { describe, expect, test } from "vitest"
import { randomStream } from "../../../src/random/index.ts"
import { atEnd, endOf, positionAt, type Position, type Stretch } from "../../../src/training/run/stretch.ts"

const plain: Stretch = {
  startSeconds: 100,
  startStep: 0,
  endStep: 10,
  stepSeconds: 10,
  firstCheckpoint: 4,
  every: 4,
  pauseSeconds: 3,
  uploadSeconds: 0,
  uploadedAt: 0
}

describe("a stretch", () => {
  test("of ten steps of 10 s with two checkpoints of 3 s takes 106 s", () => {
    expect(endOf(plain)).toBe(206)
    expect(atEnd(plain)).toMatchObject({ step: 10, partialSeconds: 0, pausedSeconds: 6, savedStep: 8 })
  })

  test("knows the step, the rest of it, and the last checkpoint at any time", () => {
    expect(positionAt(plain, 125)).toMatchObject({ step: 2, partialSeconds: 5, pausedSeconds: 0, savedStep: -1 })
    // 40 s of steps, then the save from 140 to 143 s.
    expect(positionAt(plain, 141)).toMatchObject({ step: 4, partialSeconds: 0, pausedSeconds: 1, savedStep: -1 })
    expect(positionAt(plain, 150)).toMatchObject({ step: 4, partialSeconds: 7, pausedSeconds: 3, savedStep: 4 })
    expect(positionAt(plain, 184)).toMatchObject({ step: 8, partialSeconds: 0, pausedSeconds: 4, savedStep: 4 })
    expect(positionAt(plain, 187)).toMatchObject({ step: 8, partialSeconds: 1, pausedSeconds: 6, savedStep: 8 })
  })

  test("cannot use a checkpoint before its upload has ended, and waits with the next one until then", () => {
    const slow = { ...plain, uploadSeconds: 50 }
    // Copied at 143 s, uploaded at 193 s; due again at 183 s, so that the next copy runs from 193 to 196 s.
    expect(positionAt(slow, 190)).toMatchObject({ step: 8, savedStep: -1, copiedStep: 4, pausedSeconds: 10 })
    expect(positionAt(slow, 194)).toMatchObject({ step: 8, savedStep: 4, copiedStep: 4, pausedSeconds: 14 })
    expect(endOf(slow)).toBe(216)
    expect(atEnd(slow)).toMatchObject({ step: 10, savedStep: 4, copiedStep: 8, uploadedAt: 246, pausedSeconds: 16 })
  })

  test("waits with its first checkpoint for an upload that began before it", () => {
    expect(endOf({ ...plain, uploadedAt: 160 })).toBe(226)
    expect(positionAt({ ...plain, uploadedAt: 160 }, 161)).toMatchObject({ step: 4, pausedSeconds: 21, savedStep: -1 })
  })
})

/** The same, step by step. */
const stepped = (stretch: Stretch, seconds: number): Position => {
  const { startSeconds, endStep, stepSeconds, every, pauseSeconds, uploadSeconds } = stretch
  let now = startSeconds
  let [step, due, paused] = [stretch.startStep, stretch.firstCheckpoint, 0]
  let [savedStep, copiedStep, uploadedAt] = [-1, -1, stretch.uploadedAt]
  const found = (partialSeconds: number, pausedSeconds: number): Position => ({
    step,
    partialSeconds,
    pausedSeconds,
    savedStep: copiedStep >= 0 && uploadedAt <= seconds ? copiedStep : savedStep,
    copiedStep,
    uploadedAt
  })
  for (;;) {
    if (step === due) {
      const until = Math.max(now, uploadedAt) + pauseSeconds
      if (seconds < until) return found(0, paused + seconds - now)
      if (copiedStep >= 0) savedStep = copiedStep
      paused += until - now
      now = until
      copiedStep = step
      uploadedAt = until + uploadSeconds
      due += every
    }
    if (step === endStep || seconds < now + stepSeconds) return found(seconds - now, paused)
    now += stepSeconds
    step++
  }
}

test("leaps as far as steps one by one do, for stretches drawn by lot", () => {
  const draw = randomStream(7, "stretches")
  const upTo = (most: number): number => Math.floor(draw() * most)
  for (let round = 0; round < 400; round++) {
    const startStep = upTo(50)
    const stretch: Stretch = {
      startSeconds: upTo(1000),
      startStep,
      endStep: startStep + 1 + upTo(60),
      stepSeconds: 1 + upTo(8),
      firstCheckpoint: startStep + 1 + upTo(20),
      every: 1 + upTo(12),
      pauseSeconds: upTo(5),
      uploadSeconds: upTo(60),
      uploadedAt: upTo(1200)
    }
    const end = endOf(stretch)
    expect(atEnd(stretch)).toEqual(stepped(stretch, end))
    for (let time = 0; time < 10; time++) {
      const seconds = stretch.startSeconds + draw() * (end - stretch.startSeconds)
      const [leapt, walked] = [positionAt(stretch, seconds), stepped(stretch, seconds)]
      expect(leapt).toMatchObject({
        step: walked.step,
        savedStep: walked.savedStep,
        copiedStep: walked.copiedStep,
        uploadedAt: walked.uploadedAt
      })
      expect(leapt.partialSeconds).toBeCloseTo(walked.partialSeconds, 8)
      expect(leapt.pausedSeconds).toBeCloseTo(walked.pausedSeconds, 8)
    }
  }
})
