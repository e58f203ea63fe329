/**
 * Encoding of records, against v8.serialize and the fastest of msgpackr's modes that gives the values
 * back as they were (sharing apart, which none of its fast modes keeps).
 */
import { isDeepStrictEqual } from 'node:util'
import v8 from 'node:v8'
import { Packr } from 'msgpackr'
import { codec } from './internals.js'
import { type Benchmark, bestOf, type Row } from './measure.js'
import { shapes, smallValues } from './records.js'

const count = 100_000
const rounds = 12
const goal = 1.3

const modes = [
  new Packr({ useRecords: false }),
  new Packr({ useRecords: true }),
  new Packr({ useRecords: true, moreTypes: true }),
]

/** The modes that give this value back as it was. */
function rightModes(value: unknown): Packr[] {
  return modes.filter((packr) => {
    try {
      return isDeepStrictEqual(packr.unpack(packr.pack(value)), value)
    } catch {
      return false
    }
  })
}

/** Times of encoding a value `times` times over. */
async function compare(benchmark: string, value: unknown, times: number): Promise<Row[]> {
  if (!isDeepStrictEqual(codec.decode(codec.encode(value)), value))
    throw new Error(`${benchmark}: comes back as something else`)
  const repeat = (encode: (value: unknown) => unknown) => () => {
    for (let i = 0; i < times; i++) encode(value)
  }
  const peers = rightModes(value).map(
    (packr, i) => [`msgpackr ${i}`, repeat((v) => packr.pack(v))] as const,
  )
  const seconds: Record<string, number> = await bestOf(rounds, {
    ours: repeat((v) => codec.encode(v)),
    v8: repeat((v) => v8.serialize(v)),
    ...Object.fromEntries(peers),
  })
  const fastest = Math.min(...peers.map(([name]) => seconds[name]!))
  const figure = (name: number) =>
    times === 1 ? `${(name * 1e3).toFixed(1)} ms` : `${((name / times) * 1e6).toFixed(2)} us`
  const { ours, v8: v8s } = seconds
  return [
    {
      benchmark,
      who: `encode; msgpackr ${figure(fastest)}, v8.serialize ${figure(v8s!)}`,
      figure: figure(ours!),
      ratio: (ours! / fastest).toFixed(2),
      goal: `${goal} of msgpackr, 1 of v8`,
      met: ours! <= goal * fastest && ours! <= v8s!,
    },
  ]
}

const large: Benchmark[] = Object.entries(shapes).map(
  ([name, make]) =>
    () =>
      compare(`encode 100,000 records: ${name}`, make(count), 1),
)

const messages: Benchmark[] = ['flat, unique id', 'nested once', 'lists of numbers'].map(
  (name) => () => compare(`encode 10 records: ${name}`, shapes[name]!(10), 10_000),
)

const small: Benchmark[] = Object.entries(smallValues).map(
  ([name, value]) =>
    () =>
      compare(`encode ${name}`, value, 10_000),
)

export const benchmarks = [...large, ...messages, ...small]
