/**
 * Compressed files that are taken for text, by their first bytes. A decoder of UTF-8 makes U+FFFD of a byte that cannot stand
 * where it stands; one of Latin-1 leaves it as it is.
 */
const signatures: readonly (readonly [name: string, beginning: RegExp])[] = [
  ["gzip", /^\u001f[\u008b\ufffd]/],
  ["zip", /^PK\u0003\u0004/],
  ["zstd", /^\([\u00b5\ufffd]\/[\u00fd\ufffd]/],
  ["xz", /^[\u00fd\ufffd]7zXZ\0/],
  ["bzip2", /^BZh[1-9]1AY/],
  ["Parquet", /^PAR1/]
]

/** Name of the compression that a text begins with, if any. */
export const signatureOf = (text: string): string | undefined =>
  signatures.find(([, beginning]) => beginning.test(text))?.[0]
