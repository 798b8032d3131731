import { describe, expect, test } from "vitest"
import { refine } from "../../src/training/irregular/refine.ts"

/** Vertices that share a colour, smallest first. */
const classesOf = (colours: Int32Array): readonly (readonly number[])[] =>
  [...Map.groupBy(colours.keys(), (vertex) => colours[vertex])].map(([, vertices]) => vertices)

const alike = (vertices: number): Int32Array => new Int32Array(vertices)

describe("the coarsest stable colouring", () => {
  test("of a ring has one colour", () => {
    const ring = Array.from({ length: 6 }, (_, vertex) => [(vertex + 5) % 6, (vertex + 1) % 6])
    expect(classesOf(refine(alike(6), ring))).toEqual([[0, 1, 2, 3, 4, 5]])
  })

  test("of a path tells vertices apart by their distance from the nearer end", () => {
    expect(classesOf(refine(alike(5), [[1], [0, 2], [1, 3], [2, 4], [3]]))).toEqual([[0, 4], [1, 3], [2]])
  })

  test("of a ring with one vertex marked tells by the distance from it", () => {
    const ring = Array.from({ length: 6 }, (_, vertex) => [(vertex + 5) % 6, (vertex + 1) % 6])
    expect(classesOf(refine(Int32Array.of(0, 0, 7, 0, 0, 0), ring))).toEqual([[0, 4], [1, 3], [2], [5]])
  })

  test("counts neighbours: two legs and three are not alike", () => {
    const two = [[1, 2], [0], [0]]
    const three = [[4, 5, 6], [3], [3], [3]]
    expect(classesOf(refine(alike(7), [...two, ...three]))).toEqual([[0], [1, 2], [3], [4, 5, 6]])
  })
})
