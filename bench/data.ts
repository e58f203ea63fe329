/** Data files for the benchmarks, generated once in `.tmp/bench-data/`, identical on every machine. */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import path from 'node:path'
import { parquetWriteFile } from 'hyparquet-writer'

const folder = path.resolve('.tmp', 'bench-data')

/** Returns a seeded generator of numbers from 0 to 1 (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Returns the path of a file of lines with at least that many bytes, generating it if needed. */
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

/** Returns a file of lines of ten words out of 10,000, whose frequencies vary as in a natural language. */
export function wordsFile(bytes: number): string {
  const next = random(1)
  const words = Array.from({ length: 10_000 }, () => {
    const length = 2 + Math.floor(next() * 9)
    return Array.from({ length }, () => String.fromCharCode(97 + Math.floor(next() * 26))).join('')
  })
  const word = () => words[Math.floor(words.length ** next()) - 1]
  return fileOfLines('words', bytes, () => Array.from({ length: 10 }, word).join(' '))
}

/** Returns a generator of sales with an id, one of 500 shops, an amount and a list of tags. */
function saleMaker() {
  const next = random(2)
  let id = 0
  return () => ({
    id: id++,
    shop: `shop-${Math.floor(next() * 500)}`,
    amount: Math.round(next() * 10_000),
    tags: ['a', 'b', 'c'].slice(Math.floor(next() * 3)),
    customer: { name: `customer ${Math.floor(next() * 1e6)}`, known: next() < 0.5 },
  })
}

/** Returns a file of sales as JSON lines. */
export function salesFile(bytes: number): string {
  const sale = saleMaker()
  return fileOfLines('sales', bytes, () => JSON.stringify(sale()))
}

/** Returns a file of sales as CSV. */
export function salesCsvFile(bytes: number): string {
  const sale = saleMaker()
  let isFirst = true
  return fileOfLines('sales-csv', bytes, () => {
    const { id, shop, amount, tags, customer } = sale()
    const line = [id, shop, amount, tags.join('|'), customer.name, customer.known].join(',')
    const header = isFirst ? 'id,shop,amount,tags,customer,known\n' : ''
    isFirst = false
    return header + line
  })
}

/** Returns a file of as many sales as Parquet, in row groups of 100,000, compressed with Snappy. */
export function salesParquetFile(count: number): string {
  const file = path.join(folder, `sales-${count}.parquet`)
  if (existsSync(file)) return file
  mkdirSync(folder, { recursive: true })
  const next = saleMaker()
  const sales = Array.from({ length: count }, next)
  const unfinished = `${file}.${process.pid}`
  parquetWriteFile({
    filename: unfinished,
    rowGroupSize: 100_000,
    columnData: [
      { name: 'id', data: sales.map((sale) => sale.id), type: 'INT32' },
      { name: 'shop', data: sales.map((sale) => sale.shop), type: 'STRING' },
      { name: 'amount', data: sales.map((sale) => sale.amount), type: 'INT32' },
      { name: 'tags', data: sales.map((sale) => sale.tags.join('|')), type: 'STRING' },
      { name: 'customer', data: sales.map((sale) => sale.customer.name), type: 'STRING' },
      { name: 'known', data: sales.map((sale) => sale.customer.known), type: 'BOOLEAN' },
    ],
  })
  renameSync(unfinished, file)
  return file
}
