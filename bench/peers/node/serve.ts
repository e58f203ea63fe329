/**
 * A long-lived peer in Node: `node serve.js <peer>`. Requests come as lines of JSON on the standard input,
 * answers go to file descriptor 3. It ends when its input ends.
 */
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Request } from '../row-types.js'
import type { Rows, Size, Work } from './work.js'

/** What the file of a peer exports. */
export interface PeerModule {
  /** Starts what the peer needs for the rows. */
  open(): Promise<{ rows: Rows; close?(): unknown }>
}

/** Who is in which file. */
const files: Readonly<Record<string, string>> = {
  'skein-sync': './skein-sync.js',
  'skein-threads': './skein-threads.js',
  'skein-cluster': './skein-cluster.js',
  loop: './loop.js',
  piscina: './piscina.js',
  zeromq: './echo.js',
}

function answer(message: object): void {
  let rest = Buffer.from(`${JSON.stringify(message)}\n`)
  while (rest.length > 0) rest = rest.subarray(writeSync(3, rest))
}

async function serve(name: string): Promise<void> {
  const peer = (await import(files[name]!)) as PeerModule
  const { rows, close } = await peer.open()
  answer({ ready: true })
  let current: Work | undefined
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request
    try {
      if (request.op === 'prepare') {
        const prepare = rows[request.row]
        if (prepare === undefined) throw new Error(`${name} has no row ${request.row}`)
        current = await prepare(request.size as Size)
        answer({ ok: true })
      } else if (request.op === 'run') answer(await run(current!))
      else {
        await current?.close?.()
        current = undefined
        answer({ ok: true })
      }
    } catch (error) {
      answer({ error: String((error as Error)?.stack ?? error) })
    }
  }
  await close?.()
  process.exit()
}

async function run(current: Work): Promise<object> {
  const start = performance.now()
  const result = await current.run()
  const seconds = (performance.now() - start) / 1000
  const figure = current.figure?.(seconds, result)
  return { seconds, figure, value: await current.value(result) }
}

await serve(process.argv[2]!)
