/**
 * Encoding and decoding of records, against v8.serialize and the fastest mode of msgpackr that restores
 * the values: of the modes that preserve sharing, as ours does, and, for comparison, of those that do not.
 */
import { isDeepStrictEqual } from 'node:util'
import v8 from 'node:v8'
import { Packr } from 'msgpackr'
import { codec } from './internals.js'
import { type Benchmark, bestOf, type Row } from './measure.js'
import { shapes, smallValues } from './records.js'

const count = 100_000
const rounds = 6
const goal = 1.3

/** Modes of msgpackr, by whether an object that occurs twice is one object after decoding. */
const modes = {
  sharing: [
    new Packr({ structuredClone: true }),
    new Packr({ structuredClone: true, useRecords: true }),
  ],
  copying: [
    new Packr({ useRecords: false }),
    new Packr({ useRecords: true }),
    new Packr({ useRecords: true, moreTypes: true }),
  ],
}

/** Returns whether a mode restores a value. */
function isRight(packr: Packr, value: unknown): boolean {
  try {
    return isDeepStrictEqual(packr.unpack(packr.pack(value)), value)
  } catch {
    return false
  }
}

type Contenders = Record<string, () => unknown>

/** Returns a contender for each mode that restores the value. */
function peers(value: unknown, use: (packr: Packr) => () => unknown): Contenders {
  return Object.fromEntries(
    Object.entries(modes).flatMap(([kind, packrs]) =>
      packrs
        .filter((packr) => isRight(packr, value))
        .map((packr, i) => [`${kind} ${i}`, use(packr)] as const),
    ),
  )
}

/** Returns the best time of the contenders whose names start with `kind`. */
function fastest(seconds: Record<string, number>, kind: string): number {
  return Math.min(
    ...Object.entries(seconds)
      .filter(([name]) => name.startsWith(kind))
      .map(([, time]) => time),
  )
}

/** Measures contenders that each repeat their work `times` times. */
async function row(
  benchmark: string,
  verb: string,
  contenders: Contenders,
  times: number,
): Promise<Row> {
  const repeated = Object.entries(contenders).map(([name, run]) => {
    const repeat = () => {
      for (let i = 0; i < times; i++) run()
    }
    return [name, repeat] as const
  })
  const seconds: Record<string, number> = await bestOf(rounds, Object.fromEntries(repeated))
  const figure = (time: number) =>
    times === 1 ? `${(time * 1e3).toFixed(1)} ms` : `${((time / times) * 1e6).toFixed(2)} us`
  const { ours, v8: v8s } = seconds as { ours: number; v8: number }
  const sharing = fastest(seconds, 'sharing')
  const copying = fastest(seconds, 'copying')
  const ratios = [sharing, copying, v8s].map((time) => (ours / time).toFixed(2))
  return {
    benchmark: `${verb} ${benchmark}`,
    who: `msgpackr sharing ${figure(sharing)}, not sharing ${figure(copying)}, v8 ${figure(v8s)}`,
    figure: figure(ours),
    ratio: ratios.join(', '),
    goal: `${goal}, shown, 1`,
    met: ours <= goal * sharing && ours <= v8s,
  }
}

/** Measures encoding and decoding of a value. */
async function compare(benchmark: string, value: unknown, times: number): Promise<Row[]> {
  const encoded = codec.encode(value)
  if (!isDeepStrictEqual(codec.decode(encoded), value))
    throw new Error(`${benchmark}: decodes to another value`)
  const encoders = {
    ours: () => codec.encode(value),
    v8: () => v8.serialize(value),
    ...peers(value, (packr) => () => packr.pack(value)),
  }
  const serialized = v8.serialize(value)
  const decoders = {
    ours: () => codec.decode(encoded),
    v8: () => v8.deserialize(serialized),
    ...peers(value, (packr) => {
      const packed = packr.pack(value)
      return () => packr.unpack(packed)
    }),
  }
  return [
    await row(benchmark, 'encode', encoders, times),
    await row(benchmark, 'decode', decoders, times),
  ]
}

const large: Benchmark[] = Object.entries(shapes).map(
  ([name, make]) =>
    () =>
      compare(`100,000 records: ${name}`, make(count), 1),
)

const messages: Benchmark[] = ['flat, unique id', 'nested once', 'lists of numbers'].map(
  (name) => () => compare(`10 records: ${name}`, shapes[name]!(10), 10_000),
)

const small: Benchmark[] = Object.entries(smallValues).map(
  ([name, value]) =>
    () =>
      compare(name, value, 10_000),
)

export const benchmarks = [...large, ...messages, ...small]
