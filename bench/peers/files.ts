/** The files that peers read, generated once in `.tmp/bench-data/`. */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { random } from '../data.js'

export { salesCsvFile, salesFile, salesParquetFile, wordsFile } from '../data.js'

const files = 8

/** Returns a folder of 8 gzip files of an access log, with that many bytes in all when unpacked. */
export function logFiles(bytes: number): string {
  const folder = path.resolve('.tmp', 'bench-data', `logs-${bytes}`)
  if (existsSync(folder)) return folder
  const unfinished = `${folder}.${process.pid}`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  const next = random(3)
  const upTo = (n: number): number => Math.floor(next() * n)
  for (let file = 0; file < files; file++) {
    const parts: string[] = []
    for (let length = 0; length < bytes / files; length += parts.at(-1)!.length) {
      const status = [200, 200, 200, 304, 404, 500, 503][upTo(7)]
      const address = `10.0.${upTo(256)}.${upTo(256)}`
      parts.push(
        `${address} - - "GET /item/${upTo(1e5)} HTTP/1.1" ${status} ${upTo(1e5)} "-" "agent ${upTo(50)}"\n`,
      )
    }
    writeFileSync(path.join(unfinished, `log-${file}.gz`), gzipSync(parts.join(''), { level: 1 }))
  }
  renameSync(unfinished, folder)
  return folder
}
