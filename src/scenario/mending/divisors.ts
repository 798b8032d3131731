/** All divisors of a number, ascending. */
export const divisorsOf = (n: number): readonly number[] => {
  const found: number[] = []
  for (let low = 1; low * low <= n; low++) if (n % low === 0) found.push(low, ...(low * low === n ? [] : [n / low]))
  return found.sort((one, other) => one - other)
}
