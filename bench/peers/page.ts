/** The peers' part of docs/benchmarks.md. */
import {
  differing,
  format,
  formatRatio,
  geometricMean,
  goalText,
  type Judged,
  judge,
  median,
  type RowResult,
  ratiosOf,
  type Score,
} from './figures.js'
import { type Group, groups, peers } from './row-types.js'

/** What is written above the tables. */
export interface Heading {
  readonly date: string
  readonly machine: string
  readonly versions: ReadonlyMap<string, string>
  readonly missing: ReadonlyMap<string, string>
  readonly isQuick: boolean
}

type Cells = readonly string[]

/** Formats an aligned Markdown table. */
export function formatTable(columns: Cells, lines: readonly Cells[]): string {
  const widths = columns.map((column, i) =>
    Math.max(column.length, ...lines.map((cells) => cells[i]!.length)),
  )
  const line = (cells: Cells) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`
  return [line(columns), line(widths.map((w) => '-'.repeat(w))), ...lines.map(line)].join('\n')
}

/** The first table: one line per group. */
export function summaryTable(results: readonly RowResult[]): string {
  const columns = [
    'area',
    'rows',
    'of Dask',
    'of the loop',
    'of the best peer',
    'best row',
    'worst row',
  ]
  const lines = groupsOf(results).map(([group, members]) => {
    const ratios = members.map((result) => ({ name: result.row.name, ...ratiosOf(result) }))
    const mean = (name: 'toDask' | 'toLoop' | 'toBest'): string => {
      const found = ratios.map((of) => of[name]).filter((ratio) => ratio !== undefined)
      return found.length === 0 ? '' : formatRatio(geometricMean(found))
    }
    const sorted = ratios
      .filter(({ toBest }) => toBest !== undefined)
      .sort((a, b) => a.toBest! - b.toBest!)
    const named = (row: (typeof sorted)[number] | undefined): string =>
      row === undefined ? '' : `${formatRatio(row.toBest)} (${row.name})`
    const means = [mean('toDask'), mean('toLoop'), mean('toBest')]
    return [groups[group], String(members.length), ...means, named(sorted[0]), named(sorted.at(-1))]
  })
  return formatTable(columns, lines)
}

/** One line per row: our best figure, and the ratios. */
export function ratioTable(results: readonly RowResult[]): string {
  const columns = ['row', 'Skein', 'of Dask', 'of the loop', 'of the best peer', 'goal', 'met']
  const lines = results.flatMap((result): Cells[] => {
    const { ours, best, toDask, toLoop, toBest } = ratiosOf(result)
    const { row } = result
    const per = row.per === undefined ? '' : ` per ${row.per}`
    const figure = ours === undefined ? 'none' : `${format(ours.figure, row.unit)}${per}`
    const toOthers =
      toBest === undefined ? '' : `${formatRatio(toBest)} (${peers[best!.peer].title})`
    const judged = judge(result, results)
    const first = [row.name, figure, formatRatio(toDask), formatRatio(toLoop), toOthers]
    const [goal = ['', ''], ...more] = judged.map((of) => goalCells(of, result, judged.length > 1))
    return [[...first, ...goal], ...more.map((cells) => ['', '', '', '', '', ...cells])]
  })
  return formatTable(columns, lines)
}

function goalCells({ goal, figure, isMet }: Judged, { row }: RowResult, isNamed: boolean): Cells {
  const who = isNamed ? `${peers[goal.who].title}: ` : ''
  const got = isMet ? 'yes' : `NO (${format(figure, row.unit)})`
  return [`${who}${goalText(goal, row.unit)}`, got]
}

/** All figures of a group. */
function detailTable(results: readonly RowResult[]): string {
  const columns = ['row', 'who', 'median', 'best', 'CPU', 'rounds', '']
  const lines = results.flatMap((result) => {
    const different = new Set(differing(result))
    return result.scores.map((score, i) => {
      const note = different.has(score.peer) ? 'ANOTHER VALUE' : failureText(score)
      return [
        i === 0 ? result.row.name : '',
        peers[score.peer].title,
        ...figuresOf(score, result),
        note,
      ]
    })
  })
  return formatTable(columns, lines)
}

function figuresOf({ figures, cpu }: Score, { row }: RowResult): string[] {
  if (figures.length === 0) return ['', '', '', '']
  const best = Math.min(...figures)
  return [
    format(median(figures), row.unit),
    format(best, row.unit),
    cpu === undefined ? '' : format(cpu),
    String(figures.length),
  ]
}

const failureText = ({ failure }: Score): string =>
  failure === undefined ? '' : `failed: ${failure.split('\n')[0]!.slice(0, 100)}`

/** The rows of each group, in the order of the page. */
function groupsOf(results: readonly RowResult[]): [Group, RowResult[]][] {
  return (Object.keys(groups) as Group[])
    .map((group): [Group, RowResult[]] => [group, results.filter(({ row }) => row.group === group)])
    .filter(([, members]) => members.length > 0)
}

/** Replaces `{n}` in a title by the size of that name. */
export function titleOf(title: string, size: Readonly<Record<string, number | string>>): string {
  return title.replace(/\{(\w+)\}/g, (_, name: string) =>
    Number(size[name]).toLocaleString('en-US'),
  )
}

/** The whole part of the page. */
export function formatPage(
  results: readonly RowResult[],
  heading: Heading,
  titles: ReadonlyMap<string, string>,
): string {
  const { date, machine, versions, missing, isQuick } = heading
  const listed = [...versions].filter(([name]) => !missing.has(name))
  const absent = [...missing].map(([name, reason]) => `- ${name} is left out: ${reason}`)
  const parts = [
    'Times (or memory) of Skein divided by those of others in the same run: 0.5 is half of theirs, 2 is twice as much.',
    'Means over the rows of an area are geometric; the best peer is another one in each row.',
    '',
    summaryTable(results),
    '',
    `Machine: ${machine}. ${date}${isQuick ? ', with the sizes of `--quick`' : ''}.`,
    `Versions: ${listed.map(([name, version]) => `${name} ${version}`).join(', ')}.`,
    ...(absent.length === 0 ? [] : ['', ...absent]),
    '',
    '### Rows and goals',
    '',
    ratioTable(results),
  ]
  for (const [group, members] of groupsOf(results)) {
    const explained = members.map(({ row }) => `- **${row.name}**: ${titles.get(row.name)}`)
    parts.push('', `### ${groups[group]}`, '', ...explained, '', detailTable(members))
  }
  return parts.join('\n')
}

/** The lines at the end of a run: what failed, and which goals were missed. */
export function closingLines(results: readonly RowResult[]): { text: string; isFailure: boolean } {
  const lines: string[] = []
  let isFailure = false
  for (const result of results) {
    const { row, scores } = result
    const different = differing(result)
    if (different.length > 0)
      lines.push(`${row.name}: FAILED, values differ: ${different.join(', ')}`)
    for (const { peer, failure } of scores) {
      if (failure === undefined) continue
      lines.push(`${row.name}: ${peer} failed: ${failure}`)
      isFailure ||= peers[peer].of === 'skein'
    }
    isFailure ||= different.length > 0
  }
  const judged = results.flatMap((result) =>
    judge(result, results).map((of) => ({ ...of, row: result.row })),
  )
  const missed = judged.filter(({ isMet }) => !isMet)
  for (const { row, goal, figure, limit } of missed) {
    const [got, wanted] = [format(figure, row.unit), format(limit, row.unit)]
    lines.push(
      `${row.name}: ${goal.who} missed its goal: ${got}, goal ${wanted} (${goalText(goal, row.unit)})`,
    )
  }
  lines.push(`${judged.length - missed.length} of ${judged.length} goals met`)
  return { text: lines.join('\n'), isFailure }
}
