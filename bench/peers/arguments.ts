/** The arguments of `npm run bench:peers`. */
import { groups, type Peer, peers, type RowSpec } from './row-types.js'

export interface Choice {
  readonly isQuick: boolean
  readonly rows: readonly RowSpec[]
  /** The peers that take part; undefined for all. */
  readonly peers: ReadonlySet<Peer> | undefined
  /** Whether docs/benchmarks.md is written. */
  readonly isWritten: boolean
}

/** A mistake in the arguments, with a message for the user. */
export class ArgumentError extends Error {}

const usage = `Usage: npm run bench:peers -- [--quick] [--only <rows or groups>] [--peers <peers>] [--write | --no-write]`

/** Reads the arguments; names are separated by commas or spaces. */
export function parseArguments(args: readonly string[], rows: readonly RowSpec[]): Choice {
  const lists: Record<string, string[]> = {}
  const flags = new Set<string>()
  let list: string[] | undefined
  for (const arg of args) {
    const [option, value] = arg.split(/=(.*)/s) as [string, string | undefined]
    if (option === '--only' || option === '--peers') {
      list = lists[option] ??= []
      if (value !== undefined) list.push(...namesIn(value))
    } else if (['--quick', '--write', '--no-write'].includes(arg)) {
      flags.add(arg)
      list = undefined
    } else if (arg.startsWith('-') || list === undefined)
      throw new ArgumentError(`Unknown argument '${arg}'. ${usage}`)
    else list.push(...namesIn(arg))
  }
  const isQuick = flags.has('--quick')
  const chosen = lists['--peers'] === undefined ? undefined : peersNamed(lists['--peers'])
  const named = lists['--only'] === undefined ? rows : rowsNamed(lists['--only'], rows)
  const isWhole = lists['--only'] === undefined && chosen === undefined
  return {
    isQuick,
    peers: chosen,
    // A row that is asked for by its name runs with its full size if it has no quick one.
    rows: named.filter((row) => !isQuick || row.quick !== false || isAsked(row, lists['--only'])),
    isWritten: flags.has('--write') || (isWhole && !flags.has('--no-write')),
  }
}

const namesIn = (text: string): string[] => text.split(/[\s,]+/).filter((name) => name !== '')

const isAsked = (row: RowSpec, names: readonly string[] | undefined): boolean =>
  names?.includes(row.name) === true

function rowsNamed(names: readonly string[], rows: readonly RowSpec[]): RowSpec[] {
  const known = [...Object.keys(groups), ...rows.map(({ name }) => name)]
  refuseUnknown('--only', names, known, () => {
    const lines = Object.keys(groups).map((group) => {
      const members = rows.filter((row) => row.group === group).map(({ name }) => name)
      return `  ${group}: ${members.join(', ')}`
    })
    return `the groups and their rows are\n${lines.join('\n')}`
  })
  return rows.filter(({ name, group }) => names.includes(name) || names.includes(group))
}

function peersNamed(names: readonly string[]): Set<Peer> {
  const known = Object.keys(peers)
  refuseUnknown('--peers', names, known, () => `the peers are ${known.join(', ')}`)
  return new Set(names as Peer[])
}

function refuseUnknown(
  option: string,
  names: readonly string[],
  known: readonly string[],
  list: () => string,
): void {
  if (names.length === 0) throw new ArgumentError(`${option} needs names; ${list()}`)
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length === 0) return
  const quoted = unknown.map((name) => `'${name}'`).join(', ')
  throw new ArgumentError(`${option}: there is no ${quoted}; ${list()}`)
}
