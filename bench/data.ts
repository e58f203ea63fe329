/**
 * Data for the benchmarks: made once, the same on every machine, and kept under `.tmp/bench-data/`.
 */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import path from 'node:path'

const folder = path.resolve('.tmp', 'bench-data')

/** A generator of numbers from 0 to 1 that gives the same ones for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The path of a file of at least so many bytes, made of lines. */
function fileOfLines(name: string, bytes: number, line: () => string): string {
  const file = path.join(folder, `${name}-${bytes}.txt`)
  if (existsSync(file)) return file
  mkdirSync(folder, { recursive: true })
  const unfinished = `${file}.${process.pid}`
  const handle = openSync(unfinished, 'w')
  for (let written = 0; written < bytes; ) {
    let part = ''
    while (part.length < 1 << 16) part += `${line()}\n`
    written += writeSync(handle, part)
  }
  closeSync(handle)
  renameSync(unfinished, file)
  return file
}

/** Lines of ten words; a few of the 10,000 words are common, most are rare, as in a language. */
export function wordsFile(bytes: number): string {
  const next = random(1)
  const words = Array.from({ length: 10_000 }, () => {
    const length = 2 + Math.floor(next() * 9)
    return Array.from({ length }, () => String.fromCharCode(97 + Math.floor(next() * 26))).join('')
  })
  const word = () => words[Math.floor(words.length ** next()) - 1]
  return fileOfLines('words', bytes, () => Array.from({ length: 10 }, word).join(' '))
}

/** Lines of JSON: sales with an id, a shop (one of 500), an amount and a list of tags. */
export function salesFile(bytes: number): string {
  const next = random(2)
  let id = 0
  return fileOfLines('sales', bytes, () => {
    return JSON.stringify({
      id: id++,
      shop: `shop-${Math.floor(next() * 500)}`,
      amount: Math.round(next() * 10_000),
      tags: ['a', 'b', 'c'].slice(Math.floor(next() * 3)),
      customer: { name: `customer ${Math.floor(next() * 1e6)}`, known: next() < 0.5 },
    })
  })
}
