import type { Path } from "./types.ts"

/** A flow that goes in equal parts over several ways; a link that several of them share is listed once. */
export const spreadOver = (ways: readonly (readonly number[])[]): Path => {
  const shares = new Map<number, number>()
  for (const way of ways) for (const link of way) shares.set(link, (shares.get(link) ?? 0) + 1 / ways.length)
  return { links: [...shares.keys()], weights: [...shares.values()] }
}
