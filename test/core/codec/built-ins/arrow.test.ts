/**
 * Arrow's types of columns, made by another copy of the library than the one that decoding uses
 * (its CommonJS build), so nothing may depend on `instanceof`.
 */
import { createRequire } from 'node:module'
import type * as ArrowModule from 'apache-arrow'
import * as own from 'apache-arrow'
import { expect, test } from 'vitest'
import { decode, encode, prepare } from '../../../../core/codec/index.js'
import { tokenize } from '../../../../core/graph/tokenize.js'

const A = createRequire(import.meta.url)('apache-arrow') as typeof ArrowModule
const { vectorFromArray: v, Field } = A

function union(Type: typeof A.DenseUnion | typeof A.SparseUnion): ArrowModule.Vector {
  const fields = [new Field('n', new A.Float64(), true), new Field('s', new A.Utf8(), true)]
  const builder = A.makeBuilder({
    type: new Type([0, 1], fields),
    nullValues: [null],
    valueToChildTypeId: (_builder: unknown, value: unknown) => (typeof value === 'number' ? 0 : 1),
  } as never)
  for (const value of [1, 'a', 2.5, 'b']) builder.append(value as never)
  return builder.finish().toVector() as ArrowModule.Vector
}

const entries = new A.Struct([
  new Field('key', new A.Utf8(), false),
  new Field('value', new A.Int32(), true),
])
const record = new A.Struct([
  new Field('a', new A.Int32(), true),
  new Field('b', new A.Utf8(), true),
])
const list = new A.List(new Field('i', new A.Int8()))
const numbers = Array.from({ length: 100 }, (_, i) => (i % 3 ? i : null))
const strings = Array.from({ length: 100 }, (_, i) => `s${i}`)

const columns: [string, ArrowModule.Vector][] = [
  ['Int64', v([1n, 2n, null, -5n], new A.Int64())],
  ['Uint64', v([2n ** 63n], new A.Uint64())],
  ['Decimal', v([new Uint32Array([1, 0, 0, 0]), null], new A.Decimal(2, 10, 128))],
  ['Timestamp', v([new Date(1), null, new Date(5)], new A.TimestampMillisecond())],
  ['Timestamp with a zone', v([new Date(0)], new A.TimestampSecond('Europe/Oslo'))],
  ['Date', v([new Date(0)], new A.DateDay())],
  ['Time', v([1, 2], new A.TimeMillisecond())],
  ['Duration', v([1n], new A.DurationSecond())],
  ['Interval', v([new Int32Array([1, 2])], new A.IntervalDayTime())],
  ['Utf8', v(['a', null, 'éü', ''], new A.Utf8())],
  ['LargeUtf8', v(['a', null, 'b'], new A.LargeUtf8())],
  ['Binary', v([Uint8Array.of(1, 2), null], new A.Binary())],
  ['LargeBinary', v([Uint8Array.of(1)], new A.LargeBinary())],
  ['FixedSizeBinary', v([Uint8Array.of(1, 2), null], new A.FixedSizeBinary(2))],
  ['FixedSizeList', v([[1, 2], null], new A.FixedSizeList(2, new Field('i', new A.Int32())))],
  ['List', v([[1], [], null, [2, 3]], list)],
  ['List of Lists', v([[[1], [2]], []], new A.List(new Field('a', list)))],
  ['Struct', v([{ a: 1, b: 'x' }, null], record)],
  ['Map', v([{ k: 1 }, null], new A.Map_(new Field('entries', entries, false)) as never)],
  ['Bool', v([true, false, null], new A.Bool())],
  ['Null', v([null, null], new A.Null())],
  ['Float16', v([1, 2.5], new A.Float16())],
  ['Dictionary', v(['a', 'b', 'a', null], new A.Dictionary(new A.Utf8(), new A.Int32()))],
  ['DenseUnion', union(A.DenseUnion)],
  ['SparseUnion', union(A.SparseUnion)],
  ['slice of numbers', v(numbers, new A.Int32()).slice(7, 50)],
  ['slice of strings', v(strings, new A.Utf8()).slice(10, 20)],
  ['slice of nothing', v(strings, new A.Utf8()).slice(10, 10)],
]

test.each(columns)('a column of another copy of the library: %s', async (_name, column) => {
  expect(A.Vector).not.toBe(own.Vector)
  for (const shared of [false, true]) {
    const bytes = encode(column, { shared })
    await prepare(bytes.bundles)
    const back = decode(bytes) as ArrowModule.Vector
    expect(isOf(back, own.Vector)).toBe(true)
    expect(String(back.type)).toBe(String(column.type))
    expect([back.length, back.nullCount]).toEqual([column.length, column.nullCount])
    expect(shown(back)).toBe(shown(column))
    expect(tokenize(back)).toBe(tokenize(column))
  }
})

test('a table of another copy, with its metadata', async () => {
  const table = new A.Table({ n: columns[0]![1].slice(0, 2), t: columns[9]![1].slice(0, 2) })
  const metadata = new Map([['unit', 'm']])
  const schema = new A.Schema([new Field('a', new A.Int8(), true, metadata)], metadata)
  const bytes = encode([table, new A.Table(table.schema), schema])
  await prepare(bytes.bundles)
  const [back, empty, described] = decode(bytes) as [own.Table, own.Table, own.Schema]
  expect(isOf(back, own.Table)).toBe(true)
  expect(String(back)).toBe(String(table))
  expect([empty.numRows, String(empty.schema)]).toEqual([0, String(table.schema)])
  expect([described.metadata, described.fields[0]!.metadata]).toEqual([metadata, metadata])
})

/** Whether an object inherits from a class; Arrow's `instanceof` accepts those of any copy. */
function isOf(object: object, Class: { readonly prototype: object }): boolean {
  return Object.prototype.isPrototypeOf.call(Class.prototype, object)
}

function shown(column: ArrowModule.Vector): string {
  return JSON.stringify([...column], (_key, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  )
}

test('a table without rows keeps its columns', () => {
  const table = A.tableFromArrays({ n: new Int32Array(0), x: new Float64Array(0) })
  const back = decode(encode(table)) as ArrowModule.Table
  expect([back.numRows, back.toArray().length]).toEqual([0, 0])
  expect(back.schema.fields.map(String)).toEqual(table.schema.fields.map(String))
})
