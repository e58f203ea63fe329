/** Skein on threads. */
import { da, getThreads } from 'skein'
import { allRows } from './skein-rows.js'
import { work } from './work.js'

const rows = allRows(async () => getThreads as never)

export const open = async () => ({
  rows: {
    ...rows,
    'first-compute': () =>
      work<number>({
        run: () => da.ones(4, { chunks: 2 }).sum().compute() as Promise<number>,
        value: (sum) => sum,
      }),
  },
})
