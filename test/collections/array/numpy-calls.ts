/** Runs the tables of calls that test/fixtures/make-call-fixtures.py makes, and lists what differs from NumPy. */
import * as da from '../../../collections/array/index.js'
import { getSync } from '../../../core/run/get-sync.js'
import { chunkOf, decode, type Encoded, fixture } from './numpy-fixtures.js'

interface Block {
  readonly dtype: da.Dtype
  readonly shape: readonly number[]
  readonly values: readonly Encoded[]
}

interface Call {
  readonly fn: string
  readonly args: readonly unknown[]
  readonly out: Block | readonly Block[] | { readonly error: string }
  readonly scale?: number
}

interface Table {
  readonly inputs: Readonly<Record<string, Block>>
  readonly cases: readonly Call[]
}

/** What cases call: `da`, and its histograms without the edges, which may be plain numbers, or with lazy edges alone. */
const callable = {
  ...da,
  counts1: (...args: Parameters<typeof da.histogram>) => da.histogram(...args)[0],
  counts2: (...args: Parameters<typeof da.histogram2d>) => da.histogram2d(...args)[0],
  edges2: (...args: Parameters<typeof da.histogram2d>) => da.histogram2d(...args).slice(1),
  countsN: (...args: Parameters<typeof da.histogramdd>) => da.histogramdd(...args)[0],
}

/** Returns the calls of a table by function, for `test.each`. */
export function callsOf(
  topic: string,
): [fn: string, run: () => Promise<string[]>, count: number][] {
  const table = fixture<Table>(`calls/${topic}`)
  const byFunction = new Map<string, Call[]>()
  for (const call of table.cases) {
    byFunction.set(call.fn, [...(byFunction.get(call.fn) ?? []), call])
  }
  return [...byFunction].map(([fn, calls]) => {
    const run = async () => {
      const found: string[] = []
      for (const [i, call] of calls.entries()) {
        // Cases take turns with one chunk, small chunks, and chunks of one element.
        for (const size of [[100, 2, 3, 1, 4][i % 5]!]) {
          const wrong = await differencesOf(table, call, size)
          if (wrong === undefined) continue
          const shapes = Object.entries(table.inputs).flatMap(([name, { shape, dtype }]) =>
            JSON.stringify(call.args).includes(`"${name}"`) ? [`${name}: ${dtype} [${shape}]`] : [],
          )
          found.push(`${fn}(${JSON.stringify(call.args)}) ${shapes}, chunks ${size}: ${wrong}`)
        }
      }
      return found.slice(0, 20)
    }
    return [fn, run, calls.length]
  })
}

/** Calls a function with inputs in chunks of a size. Returns what differs from NumPy, or undefined. */
async function differencesOf(table: Table, call: Call, size: number): Promise<string | undefined> {
  const { out, scale = 0 } = call
  let results: da.ChunkedArray[]
  try {
    const fn = call.fn.split('.').reduce<unknown>((level, name) => (level as never)[name], callable)
    const args = call.args.map((arg) => argumentOf(table, arg, size))
    const returned = (fn as (...args: unknown[]) => unknown)(...args)
    results = (Array.isArray(returned) ? returned : [returned]) as da.ChunkedArray[]
    const wanted = 'error' in out ? [] : [out].flat()
    if ('error' in out) {
      for (const result of results) await result.compute({ get: getSync })
      return `no error, expected ${out.error}`
    }
    if (results.length !== wanted.length) return `${results.length} results`
    for (const [i, want] of (wanted as Block[]).entries()) {
      const wrong = await blockDifference(results[i]!, want, scale)
      if (wrong !== undefined) return `result ${i}: ${wrong}`
    }
    return undefined
  } catch (error) {
    if ('error' in out) return undefined
    return String(error)
  }
}

function argumentOf(table: Table, arg: unknown, size: number): unknown {
  if (typeof arg !== 'object' || arg === null) return arg
  if (Array.isArray(arg)) return arg.map((item) => argumentOf(table, item, size))
  if ('$' in arg) {
    const { dtype, values, shape } = table.inputs[arg.$ as string]!
    const { data } = chunkOf(dtype, values, shape)
    return da.fromArray(data, { dtype, shape, chunks: size })
  }
  if ('#' in arg) return decode(arg['#'] as Encoded, 'int64')
  return Object.fromEntries(
    Object.entries(arg).map(([name, value]) => [name, argumentOf(table, value, size)]),
  )
}

async function blockDifference(
  array: da.ChunkedArray,
  want: Block,
  scale: number,
): Promise<string | undefined> {
  if (!(array instanceof da.ChunkedArray)) return `not an array: ${String(array)}`
  if (array.dtype !== want.dtype) return `dtype ${array.dtype}, expected ${want.dtype}`
  const result: unknown = await array.compute({ get: getSync })
  const chunk =
    result instanceof da.NDArray ? result : da.NDArray.scalar(array.dtype, result as never)
  if (chunk.shape.join() !== want.shape.join())
    return `shape [${chunk.shape}], expected [${want.shape}]`
  const got = [chunk.toArray()].flat(Infinity as 1) as unknown[]
  const epsilon = want.dtype === 'float32' || want.dtype === 'complex64' ? 2 ** -23 : 2 ** -52
  for (const [i, value] of got.entries()) {
    const expected = decode(want.values[i]!, want.dtype)
    if (areClose(value, expected, 16 * epsilon, scale)) continue
    return `[${i}] ${JSON.stringify(value, numbers)}, expected ${JSON.stringify(want.values[i])}`
  }
  return undefined
}

const numbers = (_: string, value: unknown) =>
  typeof value === 'bigint' || typeof value === 'number' ? String(value) : value

function areClose(value: unknown, want: unknown, tolerance: number, scale: number): boolean {
  if (typeof value === 'object' && typeof want === 'object') {
    const [a, b] = [value as da.Complex, want as da.Complex]
    const largest = Math.max(scale, ...[b.re, b.im].map(Math.abs).filter(Number.isFinite))
    return areClose(a.re, b.re, tolerance, largest) && areClose(a.im, b.im, tolerance, largest)
  }
  if (typeof value !== 'number' || typeof want !== 'number') return value === want
  if (Object.is(value, want) || value === want) return true
  return Math.abs(value - want) <= tolerance * Math.max(Math.abs(want), scale)
}
