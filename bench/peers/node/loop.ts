/** The baseline: what you would write by hand in Node, in one thread. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { linesOf } from '../../lines.js'
import { isMatch, keyOf, nameOf, type Sale } from './items.js'
import { arrayRows } from './loop-arrays.js'
import { digest, digestPairs, type Rows, type Size, work } from './work.js'

const addTo = <K>(totals: Map<K, number>, key: K, n: number): void => {
  totals.set(key, (totals.get(key) ?? 0) + n)
}

const sumsOfLines =
  (parse: (line: string) => Pick<Sale, 'shop' | 'amount'>) =>
  ({ path: file = '' }: Size) =>
    work({
      run: () => {
        const sums = new Map<string, number>()
        for (const line of linesOf(file)) {
          const { shop, amount } = parse(line)
          if (amount > 2000) addTo(sums, shop, amount)
        }
        return [...sums]
      },
      value: digestPairs,
    })

const bagRows: Rows = {
  distinct: ({ n, keys }) =>
    work({
      run: () => {
        const found = new Set<number>()
        for (let i = 0; i < n; i++) found.add(keyOf(i, keys))
        return [...found]
      },
      value: (found) => digest(found.map(String)),
    }),

  frequencies: ({ n, keys }) =>
    work({
      run: () => {
        const counts = new Map<string, number>()
        for (let i = 0; i < n; i++) addTo(counts, nameOf(i, keys), 1)
        return [...counts]
      },
      value: digestPairs,
    }),

  foldby: ({ n, keys }) =>
    work({
      run: () => {
        const sums = new Map<number, number>()
        for (let i = 0; i < n; i++) {
          const record = { key: keyOf(i, keys), amount: i % 100 }
          addTo(sums, record.key, record.amount)
        }
        return [...sums]
      },
      value: digestPairs,
    }),

  groupby: ({ n, keys }) =>
    work({
      run: () => {
        const groups = new Map<number, { key: number; amount: number }[]>()
        for (let i = 0; i < n; i++) {
          const record = { key: keyOf(i, keys), amount: i % 100 }
          const group = groups.get(record.key)
          if (group === undefined) groups.set(record.key, [record])
          else group.push(record)
        }
        return Array.from(groups, ([key, group]) => [key, group.length] as const)
      },
      value: digestPairs,
    }),

  join: ({ n, others }) => {
    const right = Array.from({ length: others }, (_, i) => ({ id: i, weight: i % 7 }))
    return work({
      run: () => {
        const byId = new Map<number, { id: number; weight: number }[]>()
        for (const other of right) byId.set(other.id, [...(byId.get(other.id) ?? []), other])
        let sum = 0
        for (let i = 0; i < n; i++) {
          const record = { key: keyOf(i, 2 * others), amount: i % 100 }
          for (const other of byId.get(record.key) ?? []) sum += record.amount * other.weight
        }
        return sum
      },
      value: (sum) => sum,
    })
  },

  topk: ({ n, k }) =>
    work({
      run: () => {
        const top: number[] = []
        for (let i = 0; i < n; i++) {
          const x = keyOf(i, 1_000_003)
          if (top.length === k && x <= top[k - 1]!) continue
          let at = top.length
          while (at > 0 && top[at - 1]! < x) at--
          top.splice(at, 0, x)
          if (top.length > k) top.pop()
        }
        return top
      },
      value: (top) => top,
    }),

  'word-count': ({ path: file = '' }) =>
    work({
      run: () => {
        const counts = new Map<string, number>()
        for (const line of linesOf(file)) for (const word of line.split(' ')) addTo(counts, word, 1)
        return [...counts]
      },
      value: digestPairs,
    }),

  'json-lines': ({ path: file = '' }) =>
    work({
      run: () => {
        const sums = new Map<string, number>()
        for (const line of linesOf(file)) {
          const { shop, amount }: Sale = JSON.parse(line)
          addTo(sums, shop, amount)
        }
        return [...sums]
      },
      value: digestPairs,
    }),

  'json-filter': sumsOfLines((line) => JSON.parse(line)),
  'json-expressions': sumsOfLines((line) => JSON.parse(line)),
  'csv-expressions': sumsOfLines((line) => {
    const [, shop = '', amount] = line.split(',')
    return { shop, amount: Number(amount) }
  }),
  'parquet-expressions': ({ path: file = '' }) =>
    work({
      run: async () => {
        const sums = new Map<string, number>()
        const columns = ['shop', 'amount']
        const sales = await parquetReadObjects({ file: await asyncBufferFromFile(file), columns })
        for (const { shop, amount } of sales) if (amount > 2000) addTo(sums, shop, amount)
        return [...sums]
      },
      value: digestPairs,
    }),

  'gzip-regexp': ({ path: folder = '' }) =>
    work({
      run: () => {
        let count = 0
        for (const name of readdirSync(folder)) {
          const text = gunzipSync(readFileSync(path.join(folder, name))).toString('latin1')
          for (const line of text.split('\n')) if (isMatch(line)) count++
        }
        return count
      },
      value: (count) => count,
    }),
}

export const open = async () => ({ rows: { ...bagRows, ...arrayRows } })
