/** Parses byte sizes as people write them: `'64 MiB'`, `'2GB'`, `'1e9'`. */

const units: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
}

/** Returns the number of bytes that a string such as `'64 MiB'` names; NaN if it is not a size. */
export function parseByteSize(size: string): number {
  const match = /^(\d+\.?\d*(?:e\+?\d+)?|\.\d+)\s*([a-z]*)$/i.exec(size.trim())
  const unit = match === null ? undefined : units[match[2]!.toLowerCase()]
  return unit === undefined ? Number.NaN : Number(match![1]) * unit
}
