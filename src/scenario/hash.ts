/**
 * The fingerprint of a scenario: FNV-1a with 64 bits over its canonical JSON (Fowler, Noll, Vo; RFC 9923).
 *
 * Two scenarios that say the same, in whatever order of fields, have the same fingerprint on every machine.
 */
import { isFields } from "./merge.ts"

/** JSON with sorted keys and without undefined fields. */
export const canonicalJson = (value: unknown): string => JSON.stringify(sorted(value)) ?? "null"

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isFields(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)])
  )
}

/** 16 hexadecimal digits. */
export const hashText = (text: string): string => hashBytes(new TextEncoder().encode(text))

export const hashBytes = (bytes: Uint8Array): string => {
  // Offset basis cbf29ce484222325 and prime 2^40 + 1b3 in two halves of 32 bits.
  let high = 0xcbf29ce4
  let low = 0x84222325
  for (const byte of bytes) {
    low = (low ^ byte) >>> 0
    const product = low * 0x1b3
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 2 ** 32) + (low << 8)) >>> 0
    low = product >>> 0
  }
  return hexadecimal(high) + hexadecimal(low)
}

const hexadecimal = (half: number): string => half.toString(16).padStart(8, "0")

export const hashScenario = (scenario: unknown): string => hashText(canonicalJson(scenario))
