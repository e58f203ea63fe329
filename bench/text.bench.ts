/** Work on text files of 100 MB, against a plain single-threaded loop. */
import { db, type Get, getThreads, LocalCluster } from 'skein'
import { salesFile, wordsFile } from './data.js'
import { linesOf } from './lines.js'
import { assertSame, type Benchmark, bestOf, duration, type Row } from './measure.js'

const bytes = 100e6
const rounds = 5
const blocksize = 8e6
const goal = 0.65

function plainWordCount(file: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const line of linesOf(file)) {
    for (const word of line.split(' ')) counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return counts
}

const wordCount = (file: string) =>
  db
    .readText(file, { blocksize })
    .map((line) => line.trimEnd().split(' '))
    .flatten()
    .frequencies()

interface Sale {
  shop: string
  amount: number
}

function plainGroupBy(file: string): Map<string, number> {
  const sums = new Map<string, number>()
  for (const line of linesOf(file)) {
    const { shop, amount }: Sale = JSON.parse(line)
    sums.set(shop, (sums.get(shop) ?? 0) + amount)
  }
  return sums
}

const plus = (a: number, b: number) => a + b

const groupBy = (file: string) =>
  db
    .readText(file, { blocksize })
    .map((line): Sale => JSON.parse(line))
    .foldby('shop', (sum, { amount }) => sum + amount, 0, plus)

type Pairs = readonly (readonly [string, number])[]

interface Task {
  readonly benchmark: string
  readonly file: string
  plain(file: string): Map<string, number>
  skein(file: string): { compute(options: { get: Get }): Promise<Pairs> }
}

const inOrder = (pairs: Iterable<readonly [string, number]>) => [...pairs].sort()

async function compare({ benchmark, file, plain, skein }: Task): Promise<Row[]> {
  const cluster = await LocalCluster.start({ nworkers: 2, nthreads: 1 })
  const client = await cluster.client()
  const expected = inOrder(plain(file))
  assertSame(inOrder(await skein(file).compute({ get: getThreads })), expected, benchmark)
  assertSame(inOrder(await skein(file).compute({ get: client.get })), expected, benchmark)
  const times = await bestOf(rounds, {
    plain: () => plain(file),
    getThreads: () => skein(file).compute({ get: getThreads }),
    'client.get, two worker processes': () => skein(file).compute({ get: client.get }),
  })
  await client.close()
  await cluster.close()
  return Object.entries(times).map(([who, seconds]) => {
    const ratio = seconds / times.plain
    const row = { benchmark, who, figure: duration(seconds), ratio: ratio.toFixed(2) }
    return who === 'plain' ? row : { ...row, goal: `ratio ${goal}`, met: ratio <= goal }
  })
}

export const benchmarks: readonly Benchmark[] = [
  () =>
    compare({
      benchmark: 'word count, 100 MB',
      file: wordsFile(bytes),
      plain: plainWordCount,
      skein: wordCount,
    }),
  () =>
    compare({
      benchmark: 'JSON group-by, 100 MB',
      file: salesFile(bytes),
      plain: plainGroupBy,
      skein: groupBy,
    }),
]
