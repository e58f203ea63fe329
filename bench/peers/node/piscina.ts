/** piscina: a pool of threads that run a function of a file. */
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { each, type Rows, type Size, work } from './work.js'

interface Pool {
  run(task: unknown): Promise<number>
  destroy(): Promise<void>
}

/** The package's file, installed in a folder of its own. */
const { Piscina } = createRequire(import.meta.url)(process.env.PISCINA!) as {
  Piscina: new (options: object) => Pool
}
const filename = fileURLToPath(new URL('./piscina-worker.js', import.meta.url))
const makePool = (): Pool => new Piscina({ filename, minThreads: 2, maxThreads: 2 })

export async function open() {
  let started: Pool | undefined
  const pool = (): Pool => (started ??= makePool())
  const fanIn = ({ tasks }: Size) =>
    work({
      run: async () => {
        const calls: Promise<number>[] = []
        for (let i = 0; i < tasks; i++) calls.push(pool().run(i))
        return (await Promise.all(calls)).length
      },
      value: (count) => count / tasks,
      figure: each(tasks),
    })
  const rows: Rows = {
    'empty-tasks': fanIn,
    'few-empty-tasks': fanIn,
    'first-compute': () =>
      work({
        run: async () => (await pool().run(1)) + (await pool().run(1)),
        value: (sum) => sum,
      }),
  }
  return { rows, close: () => started?.destroy() }
}
