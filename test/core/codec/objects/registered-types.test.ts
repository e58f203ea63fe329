/** Types that users register, and Arrow's tables, which are one of them. */
import { RecordBatch, Table, tableFromArrays, tableFromJSON, tableToIPC } from 'apache-arrow'
import { describe, expect, test } from 'vitest'
import { decode, encode, prepare, registerType } from '../../../../core/codec/index.js'
import { literal } from '../../../../core/index.js'
import { getThreads } from '../../../../core/run/threads/get-threads.js'

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

  test('are restored by their decode', () => {
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

  test('that are not registered here throw an error that names them', () => {
    const socket = new WeakMap()
    class Bound {
      handle = socket
    }
    registerType('test.Point2', {
      class: Bound,
      encode: () => (socket.has({}) ? 1 : 2),
      decode: () => new Bound(),
    })
    const { head, buffers, bundles } = encode(new Bound())
    expect(bundles).toEqual([])
    const at = Buffer.from(head).indexOf('test.Point2')
    const other = head.slice()
    other.set(Buffer.from('test.Paint2'), at)
    expect(() => decode({ head: other, buffers })).toThrow(
      /'test\.Paint2' is not registered.*registerType/,
    )
  })

  test('are known to threads that never registered them, and results are instances of the class of this thread', async () => {
    class Money {
      readonly #cents: number
      constructor(cents: number) {
        this.#cents = cents
      }
      get cents(): number {
        return this.#cents
      }
      plus(other: Money): Money {
        return new Money(this.#cents + other.cents)
      }
    }
    registerType('test.Money', {
      class: Money,
      encode: ({ cents }) => ({ cents, times: [new Point(cents, 0)] }),
      decode: ({ cents, times }) => {
        if (!(times[0] instanceof Point)) throw new Error('the point is none')
        return new Money(cents)
      },
    })
    const five = new Money(5)
    const total = (list: Money[], one: Money) => {
      if (!(list[0] instanceof Money)) throw new Error('it is none')
      return { total: list.reduce((a, b) => a.plus(b), one), again: [one, one] }
    }
    const out = (await getThreads(
      { x: [total, literal([five, new Money(7)]), five], y: [() => five.plus(five).cents] },
      ['x', 'y'],
    )) as [{ total: Money; again: Money[] }, number]
    expect(out[0].total).toBeInstanceOf(Money)
    expect(out[0].total.cents).toBe(17)
    expect(out[0].again[0]).toBe(out[0].again[1])
    expect(out[1]).toBe(10)
  })

  test('name the type and the path when a function fails', () => {
    class Odd {
      readonly how: string
      constructor(how: string) {
        this.how = how
      }
    }
    registerType<Odd, unknown>('test.Odd', {
      class: Odd,
      encode: ({ how }) => {
        if (how === 'throws') throw new RangeError('no good')
        return how === 'promise' ? Promise.resolve(1) : how === 'socket' ? new WeakMap() : how
      },
      decode: (how) => {
        if (how === 'decode') throw new RangeError('no way')
        return (how === 'later' ? Promise.resolve(1) : how === 'nothing' ? undefined : how) as Odd
      },
    })
    const inside = (how: string) => ({ list: [new Odd(how)] })
    expect(() => encode(inside('throws'))).toThrow(
      /value -> list -> 0 .*encode of type 'test\.Odd' threw RangeError: no good/,
    )
    expect(() => encode(inside('promise'))).toThrow(/encode of type 'test\.Odd' returned a promise/)
    expect(() => encode(inside('socket'))).toThrow(/value -> list -> 0 -> test\.Odd .*WeakMap/)
    const back = (how: string) => () => decode(encode(inside(how)))
    expect(back('decode')).toThrow(/decode of type 'test\.Odd' threw RangeError: no way/)
    expect(back('later')).toThrow(/decode of type 'test\.Odd' returned a promise/)
    expect(back('nothing')).toThrow(/decode of type 'test\.Odd' returned undefined/)
    let isBroken = true
    registerType('test.Broken', {
      test: (value) => {
        if (isBroken && value instanceof Map) throw new Error('cannot tell')
        return false
      },
      encode: () => 0,
      decode: () => ({}),
    })
    expect(() => encode({ a: [new Map()] })).toThrow(
      /value -> a -> 0 .*test of type 'test\.Broken' threw Error: cannot tell/,
    )
    isBroken = false
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
  ])('a table is restored: %s', async (_name, table) => {
    const back = await decodedCopy(table)
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

  test('batches, columns and schemas are restored', async () => {
    const batch = await decodedCopy(mixed.batches[0]!)
    expect(batch).toBeInstanceOf(RecordBatch)
    expect(batch.toArray().map(String)).toEqual(mixed.toArray().map(String))
    const column = await decodedCopy(mixed.getChild('city')!)
    expect([...column]).toEqual([...mixed.getChild('city')!])
    expect(String(await decodedCopy(mixed.schema))).toBe(String(mixed.schema))
  })
})

async function decodedCopy<T>(value: T): Promise<T> {
  const bytes = encode(value, { shared: true })
  await prepare(bytes.bundles)
  return decode(bytes) as T
}
