/** The environment variables that Skein reads, and warnings about values and names that make no sense. */

/** The levels of the log, from the lowest. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

/** The names, with the values that they may have; undefined for those that are checked where they are read. */
const settings: Readonly<Record<string, readonly string[] | undefined>> = {
  SKEIN_BLAS: undefined,
  SKEIN_HIDDEN_CLASSES: ['on', 'off'],
  SKEIN_KEYS: undefined,
  SKEIN_LOG: ['json', 'text'],
  SKEIN_LOG_LEVEL: logLevels,
  SKEIN_MEMORY_LIMIT: undefined,
  SKEIN_STATE_DIR: undefined,
  SKEIN_THREADS: undefined,
  SKEIN_THREAD_MEMORY: undefined,
}

const warned = new Set<string>()

/**
 * Warns once of each environment variable that has an impossible value, or that looks like the misspelled name of
 * a setting. Returns the names of these variables, which are ignored.
 */
export function checkSettings(): string[] {
  const ignored: string[] = []
  for (const [name, value] of Object.entries(process.env)) {
    if (value === undefined || value === '' || !/^skein/i.test(name)) continue
    const problem = Object.hasOwn(settings, name)
      ? problemOfValue(value, settings[name])
      : problemOfName(name)
    if (problem === undefined) continue
    ignored.push(name)
    if (warned.has(name)) continue
    warned.add(name)
    process.stderr.write(`skein: ${name} ${problem}\n`)
  }
  return ignored
}

function problemOfValue(value: string, allowed: readonly string[] | undefined): string | undefined {
  if (allowed === undefined || allowed.includes(value)) return undefined
  return `is '${value}', which is ignored; it may be ${allowed.join(', ')}`
}

function problemOfName(name: string): string | undefined {
  const upper = name.toUpperCase()
  const words = new Set(upper.split('_'))
  const similar = Object.keys(settings)
    .map((known) => {
      const hasWords = known.split('_').every((word) => words.has(word))
      return { known, distance: Math.min(editDistance(upper, known), hasWords ? 2.5 : 3) }
    })
    .sort((a, b) => a.distance - b.distance)[0]!
  // Few letters of a short name are different from those of many other names.
  if (similar.distance > (similar.known === 'SKEIN_LOG' ? 1 : 2.5)) return undefined
  return `is not a setting and is ignored; did you mean ${similar.known}?`
}

/** Returns how many letters must be inserted, removed or replaced to make one string from another. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
