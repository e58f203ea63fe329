/** The bag rows in Skein. */
import path from 'node:path'
import { db, type Get } from 'skein'
import type { Bag } from 'skein/bag'
import { isMatch, keyOf, nameOf, type Sale } from './items.js'
import { digest, digestPairs, type Rows, type Size, work } from './work.js'

const plus = (a: number, b: number): number => a + b

export function bagRows(get: Get): Rows {
  const records = (n: number, npartitions: number, keys: number) =>
    db.range(n, { npartitions }).map((i) => ({ key: keyOf(i, keys), amount: i % 100 }))
  const words = ({ path: file = '', blocksize }: Size) =>
    work({
      run: () =>
        db
          .readText(file, { blocksize })
          .map((line) => line.split(' '))
          .flatten()
          .frequencies()
          .compute({ get }),
      value: digestPairs,
    })
  const sumsOfShops = (sales: () => Bag<Sale>) =>
    work({
      run: () =>
        sales().filter('amount > 2000').foldby('shop', 'x + amount', 0, 'x + y').compute({ get }),
      value: digestPairs,
    })
  return {
    distinct: ({ n, keys, npartitions }) =>
      work({
        run: () =>
          db
            .range(n, { npartitions })
            .map((i) => keyOf(i, keys))
            .distinct()
            .compute({ get }),
        value: (found) => digest(found.map(String)),
      }),

    frequencies: ({ n, keys, npartitions }) =>
      work({
        run: () =>
          db
            .range(n, { npartitions })
            .map((i) => nameOf(i, keys))
            .frequencies()
            .compute({ get }),
        value: digestPairs,
      }),

    foldby: ({ n, keys, npartitions }) =>
      work({
        run: () =>
          records(n, npartitions, keys)
            .foldby('key', (sum, { amount }) => sum + amount, 0, plus)
            .compute({ get }),
        value: digestPairs,
      }),

    groupby: ({ n, keys, npartitions }) =>
      work({
        run: () =>
          records(n, npartitions, keys)
            .groupby('key')
            .map(([key, group]) => [key, group.length] as const)
            .compute({ get }),
        value: digestPairs,
      }),

    join: ({ n, others, npartitions }) => {
      const right = Array.from({ length: others }, (_, i) => ({ id: i, weight: i % 7 }))
      return work({
        run: () =>
          records(n, npartitions, 2 * others)
            .join(db.fromSequence(right, { npartitions: 1 }), 'key', 'id')
            .map(([other, record]) => record.amount * other.weight)
            .sum()
            .compute({ get }),
        value: (sum) => sum,
      })
    },

    topk: ({ n, k, npartitions }) =>
      work({
        run: () =>
          db
            .range(n, { npartitions })
            .map((i) => keyOf(i, 1_000_003))
            .topk(k)
            .compute({ get }),
        value: (top) => top,
      }),

    'word-count': words,
    'memory-words': words,

    'json-lines': ({ path: file = '', blocksize }) =>
      work({
        run: () =>
          db
            .readText(file, { blocksize })
            .map((line): Sale => JSON.parse(line))
            .foldby('shop', (sum, { amount }) => sum + amount, 0, plus)
            .compute({ get }),
        value: digestPairs,
      }),

    'json-filter': ({ path: file = '', blocksize }) =>
      work({
        run: () =>
          db
            .readJson<Sale>(file, { lines: true, blocksize })
            .filter((sale) => sale.amount > 2000)
            .foldby('shop', (sum, { amount }) => sum + amount, 0, plus)
            .compute({ get }),
        value: digestPairs,
      }),

    'json-expressions': ({ path: file = '', blocksize }) =>
      sumsOfShops(() => db.readJson<Sale>(file, { lines: true, blocksize })),
    'csv-expressions': ({ path: file = '', blocksize }) =>
      sumsOfShops(() => db.readCsv<Sale>(file, { blocksize })),
    'parquet-expressions': ({ path: file = '' }) => sumsOfShops(() => db.readParquet<Sale>(file)),

    'gzip-regexp': ({ path: folder = '' }) =>
      work({
        run: () =>
          db
            .readText(path.join(folder, '*.gz'))
            .filter((line) => isMatch(line))
            .count()
            .compute({ get }),
        value: (count) => count,
      }),
  }
}
