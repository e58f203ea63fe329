/** Numbers of bytes as people write them: `'64 MiB'`, `'2GB'`, `'1e9'`. */

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

/** The number of bytes that a text names; NaN if it names none. */
export function parseByteSize(text: string): number {
  const match = /^(\d+\.?\d*(?:e\+?\d+)?|\.\d+)\s*([a-z]*)$/i.exec(text.trim())
  const unit = match === null ? undefined : units[match[2]!.toLowerCase()]
  return unit === undefined ? Number.NaN : Number(match![1]) * unit
}
