/** The rows that run alike on threads and on a cluster. `get` starts what they run on. */
import { da, delayed, type Get } from 'skein'
import { arrayRows } from './skein-arrays.js'
import { bagRows } from './skein-bags.js'
import { type Run, taskRows } from './skein-tasks.js'
import { each, type Rows, type Size, type Work, work } from './work.js'

const one = (): number => 1
const same = <T>(x: T): T => x
const add = (a: number, b: number): number => a + b

/** The chain of a million tiny blocks. */
const tinyBlocks = (blocks: number) => da.ones(blocks, { chunks: 1 }).add(1).mul(2).sum()

function buildingRows(get: Get): Rows {
  const partitions = ({ blocks }: Size) =>
    work<number>({
      run: () => tinyBlocks(blocks).compute({ get }) as Promise<number>,
      value: (sum) => sum / blocks,
      figure: each(blocks),
    })
  return {
    partitions,
    'million-partitions': partitions,
    'memory-partitions': async (size) => {
      const { run, value } = partitions(size)
      return work({ run, value })
    },

    'memory-tasks': async ({ blocks }) =>
      work<number>({
        // A function of the user keeps blocks from being computed in the tasks that merge them.
        run: () =>
          da.ones(blocks, { chunks: 1 }).mapBlocks(same).sum().compute({ get }) as Promise<number>,
        value: (sum) => sum / blocks,
      }),

    'build-array': ({ blocks }) =>
      work({ run: () => tinyBlocks(blocks).optimize(), value: () => 1, figure: each(blocks) }),

    'build-delayed': ({ leaves, calls }) => {
      const leaf = delayed(one)
      const plus = delayed(add)
      return work({
        run: () => {
          let level = Array.from({ length: leaves }, () => leaf())
          while (level.length > 1) {
            const next: typeof level = []
            for (let i = 0; i < level.length; i += 2) next.push(plus(level[i]!, level[i + 1]!))
            level = next
          }
          return level[0]
        },
        value: () => 1,
        figure: each(calls),
      })
    },

    'first-graph': ({ blocks }) => {
      const timed = async (): Promise<number> => {
        const start = performance.now()
        await tinyBlocks(blocks).compute({ get })
        return performance.now() - start
      }
      return work({
        run: async () => ({ first: await timed(), second: await timed() }),
        figure: (_, { first, second }) => first / second,
        value: () => 1,
      })
    },
  }
}

/** All rows, each of which waits for `start` before it prepares. */
export function allRows(start: () => Promise<Get>): Rows {
  const rowsOf = (get: Get): Rows => ({
    ...taskRows(get as unknown as Run),
    ...buildingRows(get),
    ...bagRows(get),
    ...arrayRows(get),
  })
  const names = Object.keys(rowsOf((() => {}) as never))
  const later =
    (name: string) =>
    async (size: Size): Promise<Work> =>
      rowsOf(await start())[name]!(size)
  return Object.fromEntries(names.map((name) => [name, later(name)]))
}
