/** The arithmetic of the table: medians, ratios, goals, and whether values agree. */
import { type Goal, type Peer, peers, type RowSpec, type Unit, type Value } from './row-types.js'

/** What one peer reached in one row. */
export interface Score {
  readonly peer: Peer
  /** One figure per round. */
  readonly figures: readonly number[]
  /** The mean CPU seconds of a round, of all the peer's processes; undefined where they cannot be read. */
  readonly cpu?: number | undefined
  readonly value?: Value
  /** Why it has no figures, or not all. */
  readonly failure?: string
}

export interface RowResult {
  readonly row: RowSpec
  readonly scores: readonly Score[]
}

/** A goal with what was reached. */
export interface Judged {
  readonly goal: Goal
  readonly figure: number
  readonly limit: number
  readonly isMet: boolean
}

export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The median figure of a peer in a row; undefined if it has none. */
export function figureOf({ scores }: RowResult, peer: Peer): number | undefined {
  const figures = scores.find((score) => score.peer === peer)?.figures ?? []
  return figures.length === 0 ? undefined : median(figures)
}

/** The lowest median of the peers that belong to a project, or that do not. */
function lowest(
  result: RowResult,
  belongs: (of: string) => boolean,
): { peer: Peer; figure: number } | undefined {
  let found: { peer: Peer; figure: number } | undefined
  for (const { peer } of result.scores) {
    const figure = figureOf(result, peer)
    if (figure === undefined || !belongs(peers[peer].of)) continue
    if (found === undefined || figure < found.figure) found = { peer, figure }
  }
  return found
}

/** Peers that do nothing of the row's work: they are lower bounds. */
const bounds = new Set(['node', 'zeromq'])

/** Our best figure in a row, and how it compares. A ratio below 1 means that Skein is faster, or smaller. */
export function ratiosOf(result: RowResult) {
  const ours = lowest(result, (of) => of === 'skein')
  const dask = lowest(result, (of) => of === 'dask')
  const loop = lowest(result, (of) => of === 'loop')
  const best = lowest(result, (of) => of !== 'skein' && !bounds.has(of))
  const ratio = (other: typeof ours) => ours && other && ours.figure / other.figure
  return { ours, best, toDask: ratio(dask), toLoop: ratio(loop), toBest: ratio(best) }
}

export function geometricMean(numbers: readonly number[]): number {
  return Math.exp(numbers.reduce((sum, x) => sum + Math.log(x), 0) / numbers.length)
}

/** The goals of a row that can be judged: figures that others are compared with must be there. */
export function judge(result: RowResult, all: readonly RowResult[]): Judged[] {
  return (result.row.goals ?? []).flatMap((goal) => {
    const figure = figureOf(result, goal.who)
    const limit = limitOf(goal, result, all)
    if (figure === undefined || limit === undefined) return []
    return [{ goal, figure, limit, isMet: figure <= limit }]
  })
}

function limitOf(goal: Goal, result: RowResult, all: readonly RowResult[]): number | undefined {
  if ('atMost' in goal) return goal.atMost
  const from = goal.row === undefined ? result : all.find(({ row: { name } }) => name === goal.row)
  const other = from && figureOf(from, goal.of)
  if (other === undefined) return undefined
  return 'times' in goal ? goal.times * other : goal.plus + other
}

/** The peers whose values differ from the first one's. */
export function differing({ row, scores }: RowResult): Peer[] {
  const valued = scores.filter(({ value }) => value !== undefined)
  const tolerance = row.tolerance ?? 1e-9
  return valued
    .slice(1)
    .filter(({ value }) => !isSame(value!, valued[0]!.value!, tolerance))
    .map(({ peer }) => peer)
}

function isSame(a: Value, b: Value, tolerance: number): boolean {
  if (typeof a === 'number' && typeof b === 'number')
    return Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b))
  if (typeof a === 'object' && typeof b === 'object')
    return a.length === b.length && a.every((x, i) => isSame(x, b[i]!, tolerance))
  return a === b
}

/** Formats a figure with three digits and its unit. */
export function format(figure: number, unit: Unit = 'seconds'): string {
  if (unit === 'times') return figure.toFixed(2)
  if (unit === 'bytes') return `${Math.round(figure / 1e6)} MB`
  if (figure === 0) return '0 s'
  if (figure >= 1) return `${figure.toPrecision(3)} s`
  if (figure >= 1e-3) return `${digits(figure * 1e3)} ms`
  return `${digits(figure * 1e6)} us`
}

const digits = (x: number): string => (x >= 100 ? String(Math.round(x)) : x.toPrecision(3))

/** Formats a ratio: two digits after the point below 10. */
export const formatRatio = (ratio: number | undefined): string =>
  ratio === undefined ? '' : ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(2)

/** Says in words what a goal asks for. */
export function goalText(goal: Goal, unit: Unit = 'seconds'): string {
  if ('atMost' in goal) return unit === 'times' ? `ratio ${goal.atMost}` : format(goal.atMost, unit)
  const other = `${peers[goal.of].title}${goal.row === undefined ? '' : ` in ${goal.row}`}`
  if ('plus' in goal) return `${other} + ${format(goal.plus, unit)}`
  return goal.times === 1 ? `not more than ${other}` : `${goal.times} x ${other}`
}
