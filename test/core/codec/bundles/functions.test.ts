/** Functions and classes in values: bundles, their tokens, and what they share. */
import { existsSync } from 'node:fs'
import * as path from 'node:path'
import { describe, expect, test } from 'vitest'
import { NotPortableError } from '../../../../core/base/errors.js'
import { BundleStore, decode, encode, Functions } from '../../../../core/codec/index.js'
import { decodedCopy } from './decoded-copy.js'

function bundlesOf(value: unknown): readonly string[] {
  return encode(value, { functions: new Functions(new BundleStore()) }).bundles
}

class Shape {
  readonly side: number
  constructor(side: number) {
    this.side = side
  }
  area(): number {
    return this.side ** 2
  }
}

class Named extends Shape {
  readonly name = 'named'
  describe(): string {
    return `${this.name} of ${this.area()}`
  }
}

class Counter extends Map<string, number> {
  note = 'mine'
  add(key: string): void {
    this.set(key, (this.get(key) ?? 0) + 1)
  }
}

describe('functions in values', () => {
  test('are sent with what they captured', async () => {
    const offset = 5
    const settings = { scale: 2, list: [1, 2] }
    const value = {
      f: (x: number) => x * settings.scale + offset + settings.list.length,
      list: [1],
    }
    const back = await decodedCopy(value)
    expect(back.f(10)).toBe(27)
    expect(back.list).toEqual([1])
  })

  test('call functions that they captured, themselves among them', async () => {
    const double = (x: number) => x * 2
    const quadruple = (x: number) => double(double(x))
    const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1))
    function isEven(n: number): boolean {
      return n === 0 || isOdd(n - 1)
    }
    function isOdd(n: number): boolean {
      return n !== 0 && isEven(n - 1)
    }
    const back = await decodedCopy([quadruple, factorial, isEven] as const)
    expect([back[0](3), back[1](5), back[2](10)]).toEqual([12, 120, true])
  })

  test('share the objects that they share', async () => {
    const state = { count: 0 }
    const increment = () => state.count++
    const count = () => {
      increment()
      increment()
      return state.count
    }
    expect((await decodedCopy(count))()).toBe(2)
    expect(state.count).toBe(0)
  })

  test('with equal content are one function, and a captured class is that of the instances', async () => {
    const isShape = (value: unknown) => value instanceof Shape
    const make = () => new Shape(3)
    const back = await decodedCopy({ isShape, make, shape: new Shape(2), Shape })
    expect(back.isShape(back.make())).toBe(true)
    expect(back.isShape(back.shape)).toBe(true)
    expect(back.make().constructor).toBe(back.Shape)
    expect(back.Shape).not.toBe(Shape)
  })

  test('a thousand that capture one another are restored', async () => {
    const ring: ((n: number) => number)[] = []
    for (let i = 0; i < 1000; i++) {
      const next = (i + 1) % 1000
      ring.push((n) => (n <= 0 ? i : ring[next]!(n - 1)))
    }
    expect((await decodedCopy(ring[0]!))(2500)).toBe(500)
  })

  test('a long chain of helpers is restored', async () => {
    let f = (x: number) => x
    for (let i = 0; i < 500; i++) {
      const inner = f
      f = (x) => inner(x) + 1
    }
    expect((await decodedCopy(f))(0)).toBe(500)
  })

  test('refer to modules and intrinsics by name', async () => {
    const f = (file: string) => [path.basename(file), existsSync('/'), Math.max(1, 2)] as const
    expect((await decodedCopy(f))('/a/b')).toEqual(['b', true, 2])
    const back = await decodedCopy({ max: Math.max, Map, math: Math, basename: path.basename })
    expect(back).toEqual({ max: Math.max, Map, math: Math, basename: path.basename })
    expect(back.math).toBe(Math)
  })

  test('need not be prepared in their own thread, and do not affect other values', () => {
    const functions = new Functions(new BundleStore())
    const plain = encode([1], { functions })
    const f = (file: string) => path.extname(file)
    const bytes = encode({ f }, { functions })
    expect((decode(bytes, functions) as { f: typeof f }).f('a.b')).toBe('.b')
    expect(plain.bundles).toEqual([])
    expect(encode([2], { functions }).bundles).toEqual([])
  })

  test('bound functions are sent with their arguments', async () => {
    const add = (a: number, b: number) => a + b
    const bound = add.bind(null, 2)
    const back = await decodedCopy([bound, bound] as const)
    expect(back[0](3)).toBe(5)
    expect(back[0]).toBe(back[1])
  })

  test('large captured arrays are sent out of band', () => {
    const data = new Float64Array(10_000)
    const f = (i: number) => data[i]
    const functions = new Functions(new BundleStore())
    const [token] = encode(f, { functions }).bundles
    const [buffer] = functions.store.get(token!)!.buffers
    expect(buffer!.byteLength).toBe(data.byteLength)
    expect(buffer!.buffer).toBeInstanceOf(SharedArrayBuffer)
  })

  test('captured values that cannot be sent are refused with the path to them', () => {
    const config = { socket: new WeakMap() }
    const parse = () => config.socket
    const load = () => parse()
    try {
      encode({ load })
    } catch (error) {
      expect((error as NotPortableError).path).toEqual([
        'value',
        'load',
        'parse',
        'config',
        'socket',
      ])
      expect(error).toBeInstanceOf(NotPortableError)
      return
    }
    throw new Error('it was not refused')
  })
})

describe('instances of classes', () => {
  test('keep their prototypes, their fields and their sharing', async () => {
    const one = new Named(3)
    const back = await decodedCopy({ one, again: one, list: [new Named(4)] })
    expect(back.one.describe()).toBe('named of 9')
    expect(back.again).toBe(back.one)
    expect(Object.getPrototypeOf(back.list[0])).toBe(Object.getPrototypeOf(back.one))
    expect(Object.keys(back.one)).toEqual(Object.keys(one))
  })

  test('of classes that extend a built-in type are restored as both', async () => {
    const counter = new Counter([['a', 1]])
    const holder: { counter: Counter; self?: unknown } = { counter }
    ;(counter as { self?: unknown } & Counter).self = counter
    const back = (await decodedCopy(holder)).counter as Counter & { self: unknown }
    back.add('a')
    expect([back.get('a'), back.note, back.self === back]).toEqual([2, 'mine', true])
    expect(back).toBeInstanceOf(Map)
  })
})

describe('tokens of bundles', () => {
  test('are hashes of the content', () => {
    const make = (limit: number, unit: { [key: string]: number }) => (x: number) =>
      x < limit ? unit : x
    const token = (f: Function) => bundlesOf(f)[0]
    expect(token(make(1, { a: 1, b: 2 }))).toBe(token(make(1, { b: 2, a: 1 })))
    expect(token(make(1, { a: 1 }))).not.toBe(token(make(2, { a: 1 })))
    expect(token(make(1, { a: 1 }))).not.toBe(token(make(1, { a: 2 })))
  })

  test('distinguish shared objects from equal ones', () => {
    const make = (a: object, b: object) => () => a === b
    const shared = {}
    expect(bundlesOf(make(shared, shared))).not.toEqual(bundlesOf(make({}, {})))
  })

  test('are made once for many instances of a class', () => {
    const many = Array.from({ length: 50 }, (_, i) => new Shape(i))
    expect(bundlesOf(many)).toHaveLength(1)
    expect(bundlesOf([many, new Shape(1), Shape])).toHaveLength(1)
  })

  test('lead to all dependencies, dependencies first', () => {
    const helper = (x: number) => x + 1
    const f = (x: number) => helper(x)
    const functions = new Functions(new BundleStore())
    const { bundles } = encode({ f, max: Math.max }, { functions })
    const closure = functions.store.closure(bundles)
    expect(closure).toHaveLength(2)
    expect(closure[1]).toBe(bundles[0])
    expect(functions.store.get(closure[1]!)!.bundles).toContain(closure[0])
  })
})
