/** The pure parts of `npm run bench:peers`: arguments, figures and tables. */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ArgumentError, parseArguments } from '../../bench/peers/arguments.js'
import {
  differing,
  format,
  formatRatio,
  geometricMean,
  judge,
  median,
  type RowResult,
  ratiosOf,
  type Score,
} from '../../bench/peers/figures.js'
import {
  closingLines,
  formatPage,
  formatTable,
  ratioTable,
  summaryTable,
  titleOf,
} from '../../bench/peers/page.js'
import { type Peer, peers, type RowSpec } from '../../bench/peers/row-types.js'
import { rows } from '../../bench/peers/rows.js'

const row = (more: Partial<RowSpec> = {}): RowSpec => ({
  name: 'sums',
  group: 'bags',
  title: 'sums of {n} numbers',
  peers: ['skein-threads', 'loop', 'dask-threads', 'duckdb'],
  ...more,
})

const score = (peer: Peer, figures: readonly number[], value: Score['value'] = 1): Score => ({
  peer,
  figures,
  value,
})

const result = (more: Partial<RowSpec> = {}): RowResult => ({
  row: row(more),
  scores: [
    score('skein-threads', [0.3, 0.2, 0.9]),
    score('skein-cluster', [0.4]),
    score('loop', [0.6]),
    score('dask-threads', [3]),
    score('duckdb', [0.1]),
  ],
})

describe('the arguments', () => {
  const parse = (...args: string[]) => parseArguments(args, rows)
  const names = (...args: string[]) => parse(...args).rows.map(({ name }) => name)
  const messageOf = (...args: string[]): string => {
    try {
      parse(...args)
    } catch (error) {
      if (error instanceof ArgumentError) return error.message
      throw error
    }
    return ''
  }

  test('without any, all rows run and the page is written', () => {
    expect(parse()).toEqual({ isQuick: false, rows, peers: undefined, isWritten: true })
  })

  test('a part of the rows is chosen by rows and groups, with commas or spaces, and not written', () => {
    expect(names('--only', 'transfers', 'matmul')).toEqual([
      ...['fetch', 'scatter', 'scatter-and-use', 'matmul'],
    ])
    expect(names('--only=matmul,topk')).toEqual(['topk', 'matmul'])
    expect(parse('--only', 'matmul', '--quick')).toMatchObject({ isQuick: true, isWritten: false })
    expect(parse('--peers', 'loop,numpy')).toMatchObject({ isWritten: false })
    expect(parse('--only', 'matmul', '--write').isWritten).toBe(true)
    expect(parse('--no-write').isWritten).toBe(false)
  })

  test('a row without a quick size runs quickly only if it is asked for', () => {
    const slow = rows.find(({ quick }) => quick === false)!
    expect(names('--quick')).not.toContain(slow.name)
    expect(names('--quick', '--only', slow.group)).not.toContain(slow.name)
    expect(names('--quick', '--only', slow.name)).toEqual([slow.name])
  })

  test('unknown names are refused with the list', () => {
    expect(messageOf('--only', 'matmul', 'nothing', 'never')).toMatch(
      /^--only: there is no 'nothing', 'never'; the groups and their rows are\n {2}tasks: empty-tasks/,
    )
    expect(messageOf('--only')).toMatch(/^--only needs names; the groups and their rows are/)
    expect(messageOf('--peers', 'spark')).toMatch(
      /there is no 'spark'; the peers are skein, skein-sync/,
    )
    expect(messageOf('--fast')).toMatch(/^Unknown argument '--fast'. Usage: npm run bench:peers/)
    expect(messageOf('matmul')).toMatch(/^Unknown argument 'matmul'/)
  })
})

describe('the rows', () => {
  test('have distinct names, and goals about peers that take part', () => {
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length)
    for (const { name, peers: names, goals = [], kind, commands = {} } of rows) {
      for (const goal of goals) {
        expect(names, name).toContain(goal.who)
        if (!('of' in goal)) continue
        const other = rows.find((candidate) => candidate.name === (goal.row ?? name))
        expect(other?.peers, name).toContain(goal.of)
      }
      if (kind === 'command') expect(Object.keys(commands).sort()).toEqual([...names].sort())
    }
  })

  test('the page says what their sizes are', () => {
    for (const { title, size = {} } of rows) expect(titleOf(title, size)).not.toMatch(/NaN|\{/)
    expect(titleOf('{n} items', { n: 1e6 })).toBe('1,000,000 items')
  })
})

describe('figures', () => {
  test('the median of an even number of rounds is between the middle ones', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 3])).toBe(2.5)
  })

  test('ratios are those of our best to the best of others', () => {
    const { ours, best, toDask, toLoop, toBest } = ratiosOf(result())
    expect(ours).toEqual({ peer: 'skein-threads', figure: 0.3 })
    expect(best?.peer).toBe('duckdb')
    expect([toDask, toLoop, toBest]).toEqual([0.3 / 3, 0.3 / 0.6, 0.3 / 0.1])
    expect(geometricMean([0.5, 2, 8])).toBeCloseTo(2)
  })

  test('bare node and bare sockets are bounds, not peers', () => {
    const scores = [score('skein', [2]), score('node', [1]), score('numpy', [4])]
    expect(ratiosOf({ row: row(), scores }).best?.peer).toBe('numpy')
  })

  test('a peer without figures has no ratio', () => {
    const scores = [score('skein-threads', [1]), score('loop', []), score('dask-threads', [])]
    expect(ratiosOf({ row: row(), scores })).toMatchObject({ toDask: undefined, toBest: undefined })
  })

  test('goals are figures, multiples of another peer, and more than another peer', () => {
    const other = { ...result(), row: row({ name: 'other' }) }
    const limits = (goal: object) => {
      const judged = result({ goals: [{ who: 'skein-threads', ...goal } as never] })
      return judge(judged, [judged, other]).map(({ limit, isMet }) => [limit, isMet])
    }
    expect(limits({ atMost: 0.3 })).toEqual([[0.3, true]])
    expect(limits({ atMost: 0.29 })).toEqual([[0.29, false]])
    expect(limits({ times: 2, of: 'loop' })).toEqual([[1.2, true]])
    expect(limits({ plus: 0.1, of: 'duckdb' })).toEqual([[0.2, false]])
    expect(limits({ times: 1, of: 'loop', row: 'other' })).toEqual([[0.6, true]])
    expect(limits({ times: 1, of: 'ray' })).toEqual([])
  })

  test('values may differ by rounding, or by the tolerance of the row', () => {
    const of = (tolerance: number | undefined, ...values: Score['value'][]) =>
      differing({
        row: row({ tolerance }),
        scores: values.map((value, i) => score(Object.keys(peers)[i] as Peer, [1], value)),
      })
    expect(of(undefined, 1, 1 + 1e-12)).toEqual([])
    expect(of(undefined, 1, 1.001)).toEqual(['skein-sync'])
    expect(of(0.01, 1, 1.001)).toEqual([])
    expect(of(undefined, 'a', 'a', 'b')).toEqual(['skein-threads'])
    expect(of(undefined, [1, 2], [1, 2], [1])).toEqual(['skein-threads'])
    expect(of(undefined, 1, '1')).toEqual(['skein-sync'])
  })

  test('are written with three digits and a unit', () => {
    expect([12.345, 0.1234, 0.0012345, 0.00000123, 0].map((x) => format(x))).toEqual([
      ...['12.3 s', '123 ms', '1.23 ms', '1.23 us', '0 s'],
    ])
    expect(format(123_456_789, 'bytes')).toBe('123 MB')
    expect([0.123, 9.99, 123.4, undefined].map(formatRatio)).toEqual(['0.12', '9.99', '123', ''])
  })
})

describe('the page', () => {
  test('tables are aligned', () => {
    expect(formatTable(['a', 'long'], [['xyz', '1']])).toBe(
      ['| a   | long |', '| --- | ---- |', '| xyz | 1    |'].join('\n'),
    )
  })

  test('begins with a table of ratios by area', () => {
    const summary = summaryTable([result(), { ...result(), row: row({ group: 'arrays' }) }])
    expect(summary.split('\n').slice(2)).toEqual([
      '| Bags   | 1    | 0.10    | 0.50        | 3.00             | 3.00 (sums) | 3.00 (sums) |',
      '| Arrays | 1    | 0.10    | 0.50        | 3.00             | 3.00 (sums) | 3.00 (sums) |',
    ])
  })

  test('a row shows its goals, and whether they are met', () => {
    const goals = [
      { who: 'skein-threads', atMost: 0.25 },
      { who: 'skein-cluster', times: 1, of: 'loop' },
    ] as const
    expect(
      ratioTable([result({ goals })])
        .replaceAll(/ +/g, ' ')
        .split('\n')
        .slice(2),
    ).toEqual([
      '| sums | 300 ms | 0.10 | 0.50 | 3.00 (DuckDB) | Skein, getThreads: 250 ms | NO (300 ms) |',
      '| | | | | | Skein, LocalCluster: not more than plain loop | yes |',
    ])
  })

  test('names the machine, the versions and what is missing', () => {
    const heading = {
      date: '2030-01-02',
      machine: 'A processor, 2 cores',
      versions: new Map([
        ['dask', '1.2'],
        ['ray', '3.4'],
      ]),
      missing: new Map([['ray', 'no such version']]),
      isQuick: true,
    }
    const page = formatPage([result()], heading, new Map([['sums', 'sums of 3 numbers']]))
    expect(page).toContain('A processor, 2 cores. 2030-01-02, with the sizes of `--quick`.')
    expect(page).toContain('Versions: dask 1.2.')
    expect(page).toContain('- ray is left out: no such version')
    expect(page).toContain('- **sums**: sums of 3 numbers')
  })

  test('the end lists differing values, failures and missed goals', () => {
    const goals = [{ who: 'skein-threads', atMost: 0.25 }] as const
    expect(closingLines([result({ goals })])).toEqual({
      text: 'sums: skein-threads missed its goal: 300 ms, goal 250 ms (250 ms)\n0 of 1 goals met',
      isFailure: false,
    })
    const scores = [
      score('loop', [1]),
      score('numpy', [1], 2),
      { ...score('ray', []), failure: 'x' },
    ]
    expect(closingLines([{ row: row(), scores }])).toEqual({
      text: 'sums: FAILED, values differ: numpy\nsums: ray failed: x\n0 of 0 goals met',
      isFailure: true,
    })
    const ours = [{ ...score('skein-threads', []), failure: 'x' }]
    expect(closingLines([{ row: row(), scores: ours }]).isFailure).toBe(true)
  })

  test('docs/benchmarks.md has a part for each command', () => {
    const page = readFileSync('docs/benchmarks.md', 'utf8')
    const positions = ['peers', 'end of peers', 'own', 'end of own'].map((name) =>
      page.indexOf(`<!-- ${name} -->`),
    )
    expect(positions.every((position) => position > 0)).toBe(true)
    expect(positions).toEqual([...positions].sort((a, b) => a - b))
  })
})

test('every peer in Python has the rows that name it', () => {
  for (const { name, peers: names, kind } of rows) {
    if (kind === 'command') continue
    for (const peer of names.filter((of) => peers[of].language === 'python')) {
      const module = peers[peer].of
      const files = [`${module}_peer.py`, `${module}_tables.py`, 'work.py']
      const source = files
        .map((file) => `bench/peers/python/${file}`)
        .filter((file) => existsSync(file))
        .map((file) => readFileSync(file, 'utf8'))
        .join('\n')
      expect(source, `${peer}: ${name}`).toContain(`"${name}"`)
    }
  }
})
