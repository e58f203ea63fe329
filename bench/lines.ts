/** The lines of text files, for plain loops. */
import { closeSync, openSync, readSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'

/** Yields the lines of a file, read in large blocks: the fastest plain loop. */
export function* linesOf(file: string): Generator<string> {
  const handle = openSync(file, 'r')
  const buffer = Buffer.alloc(1 << 20)
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for (let n = readSync(handle, buffer); n > 0; n = readSync(handle, buffer)) {
    const lines = (rest + decoder.write(buffer.subarray(0, n))).split('\n')
    rest = lines.pop()!
    yield* lines
  }
  closeSync(handle)
  if (rest !== '') yield rest
}
