import { RecordBatch, Table, tableFromArrays, tableFromJSON, tableToIPC } from 'apache-arrow'
import { describe, expect, test } from 'vitest'
import { decode, encode, prepare, registerType } from '../../../core/codec/index.js'

class Point {
  readonly x: number
  readonly y: number
  constructor(x: number, y: number) {
    this.x = x
    this.y = y
  }
}

class Block {
  readonly data: Float64Array
  constructor(data: Float64Array) {
    this.data = data
  }
}

describe('registered types', () => {
  registerType('test.Point', {
    class: Point,
    encode: ({ x, y }) => [x, y],
    decode: ([x, y]) => new Point(x!, y!),
  })
  registerType('test.Block', {
    test: (value): value is Block => value instanceof Block,
    encode: (block: object) => (block as Block).data,
    decode: (data) => new Block(data),
  })

  test('come back as they say', () => {
    const point = new Point(1, 2)
    const value = {
      points: [point, new Point(3, 4), point],
      block: new Block(new Float64Array(500)),
    }
    const back = decode(encode(value)) as typeof value
    expect(back).toEqual(value)
    expect(back.points[0]).toBeInstanceOf(Point)
    expect(back.points[0]).toBe(back.points[2])
    expect(encode(value).buffers[0]!.buffer).toBe(value.block.data.buffer)
    expect(encode(value).bundles).toEqual([])
  })

  test('that hold themselves are refused', () => {
    class Node {
      next: unknown
    }
    registerType('test.Node', {
      class: Node,
      encode: ({ next }) => next,
      decode: (next) => Object.assign(new Node(), { next }),
    })
    const node = new Node()
    node.next = [node]
    expect(() => encode(node)).toThrow(/holds itself/)
  })

  test('that are not known here are an error that names them', () => {
    const { head, buffers } = encode(new Point(1, 2))
    const at = Buffer.from(head).indexOf('test.Point')
    const other = head.slice()
    other.set(Buffer.from('test.Paint'), at)
    expect(() => decode({ head: other, buffers })).toThrow(/'test\.Paint' is not registered/)
  })

  test('wrong registrations throw', () => {
    const half = { encode: () => 0, decode: () => ({}) }
    expect(() => registerType('', half)).toThrow(TypeError)
    expect(() => registerType('test.none', half)).toThrow(/give the class, or a test/)
    expect(() => registerType('test.half', { class: Point } as never)).toThrow(/encode and decode/)
  })
})

describe('arrow', () => {
  const mixed = tableFromArrays({
    x: Float64Array.from({ length: 1000 }, (_, i) => i / 3),
    city: Array.from({ length: 1000 }, (_, i) => ['Oslo', 'Rome'][i % 2]),
    when: Array.from({ length: 1000 }, (_, i) => (i % 3 ? new Date(i) : null)),
    is: Array.from({ length: 1000 }, (_, i) => (i % 5 ? i % 2 === 0 : null)),
  })
  const nested = tableFromJSON(
    Array.from({ length: 100 }, (_, i) => ({ i, at: { x: i }, list: [i, i + 1], s: `s${i % 3}` })),
  )

  test.each([
    ['flat', mixed],
    ['nested', nested],
    ['of several batches', mixed.concat(mixed)],
    ['sliced', mixed.slice(10, 20)],
    ['empty', new Table(mixed.schema)],
  ])('a table comes back: %s', async (_name, table) => {
    const back = await farSide(table)
    expect(back).toBeInstanceOf(Table)
    expect(Buffer.compare(tableToIPC(back), tableToIPC(table))).toBe(0)
    expect([...back].map(String)).toEqual([...table].map(String))
  })

  test('its buffers are not copied', () => {
    const values = new Float64Array(10_000)
    const { head, buffers } = encode(tableFromArrays({ values }))
    expect(buffers[0]!.buffer).toBe(values.buffer)
    expect(head.length).toBeLessThan(1500)
  })

  test('batches, columns and schemas come back', async () => {
    const batch = await farSide(mixed.batches[0]!)
    expect(batch).toBeInstanceOf(RecordBatch)
    expect(batch.toArray().map(String)).toEqual(mixed.toArray().map(String))
    const column = await farSide(mixed.getChild('city')!)
    expect([...column]).toEqual([...mixed.getChild('city')!])
    expect(String(await farSide(mixed.schema))).toBe(String(mixed.schema))
  })
})

async function farSide<T>(value: T): Promise<T> {
  const bytes = encode(value, { shared: true })
  await prepare(bytes.bundles)
  return decode(bytes) as T
}
