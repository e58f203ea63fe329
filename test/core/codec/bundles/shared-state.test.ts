/** Functions in one value that share variables, `this` or objects: they still share them afterwards. */
import { describe, expect, test } from 'vitest'
import { BundleStore, encode, Functions } from '../../../../core/codec/index.js'
import { tokenize } from '../../../../core/graph/tokenize.js'
import { decodedCopy as copyOf } from './decoded-copy.js'

const box = (x: number) => ({
  get: () => x,
  set: (v: number) => {
    x = v
  },
})

class Clicker {
  n = 0
  inc = () => ++this.n
  get = () => this.n
}

class Secret {
  #n = 1
  up = () => ++this.#n
  read() {
    return this.#n
  }
}

class Registry {
  static count = 0
  items: string[] = []
  add = (item: string) => {
    Registry.count++
    this.items.push(item)
  }
}

let total = 0

describe('functions of one value share', () => {
  test('a variable of a call', async () => {
    const a = await copyOf(box(1))
    expect(a.get()).toBe(1)
    a.set(2)
    expect(a.get()).toBe(2)
  })

  test('a variable, wherever in the value they are', async () => {
    const { get, set } = box(1)
    const a = await copyOf([new Map([['get', get]]), { deep: [{ set }] }] as const)
    a[1].deep[0]!.set(5)
    expect(a[0].get('get')!()).toBe(5)
  })

  test('a variable of each call, when two calls have equal values', async () => {
    const [a, b] = await copyOf([box(1), box(1)] as const)
    a.set(2)
    expect([a.get(), b.get()]).toEqual([2, 1])
    b.set(3)
    expect([a.get(), b.get()]).toEqual([2, 3])
  })

  test('a variable of a file', async () => {
    const a = await copyOf({ add: (n: number) => (total += n), read: () => total })
    a.add(3)
    expect([a.read(), total]).toEqual([3, 0])
  })

  test('a variable with a generator, an async function, a method and a getter of a captured object', async () => {
    const make = () => {
      let n = 0
      const view = {
        get now() {
          return n
        },
      }
      return {
        *gen() {
          yield ++n
        },
        up: async () => ++n,
        read: () => view.now,
      }
    }
    const a = await copyOf(make())
    expect([...a.gen(), await a.up(), a.read()]).toEqual([1, 2, 2])
  })

  test('an object that only functions hold', async () => {
    const make = () => {
      const list: number[] = []
      return { push: (v: number) => list.push(v), all: () => list }
    }
    const a = await copyOf(make())
    a.push(1)
    a.push(2)
    expect(a.all()).toEqual([1, 2])
  })

  test('an object that is in the value too', async () => {
    const state = { n: 0, other: 1 }
    const a = await copyOf({ state, inc: () => ++state.n, read: () => state.other })
    a.inc()
    a.state.n++
    a.state.other = 7
    expect([a.inc(), a.state.n, a.read()]).toEqual([3, 3, 7])
  })

  test('the instance whose arrow fields they are', async () => {
    const a = await copyOf(new Clicker())
    a.inc()
    expect([a.inc(), a.n, a.get(), a instanceof Object]).toEqual([2, 2, 2, true])
    a.n = 10
    expect([a.get(), a.inc()]).toEqual([10, 11])
  })

  test('the instance, for each of several instances', async () => {
    const [a, b] = await copyOf([new Clicker(), new Clicker()] as const)
    a.inc()
    expect([a.n, b.n, a.constructor === b.constructor]).toEqual([1, 0, true])
  })

  test('the private fields of the instance', async () => {
    const a = await copyOf(new Secret())
    expect([a.up(), a.up(), a.read()]).toEqual([2, 3, 3])
  })

  test('an instance, and its class stays one class', async () => {
    const [a, C] = await copyOf([new Registry(), Registry] as const)
    a.add('x')
    expect([a.items, a instanceof C, C.count]).toEqual([['x'], true, 1])
  })

  test('the object that they are bound to', async () => {
    const state = { n: 0 }
    function inc(this: { n: number }) {
      return ++this.n
    }
    const a = await copyOf({ state, inc: inc.bind(state), again: inc.bind(state) })
    expect([a.inc(), a.again(), a.state.n]).toEqual([1, 2, 2])
  })

  test('functions, whose properties they share too', async () => {
    const fn = Object.assign(() => 1, { calls: 0 })
    const a = await copyOf({ fn, call: () => ++fn.calls })
    a.call()
    expect([a.call(), a.fn.calls]).toEqual([2, 2])
  })

  test('a cache by memoizing, which calls itself', async () => {
    const memo = () => {
      const cache = new Map<number, number>()
      const fib = (n: number): number => {
        if (n < 2) return n
        const known = cache.get(n)
        if (known !== undefined) return known
        const value = fib(n - 1) + fib(n - 2)
        cache.set(n, value)
        return value
      }
      return { fib, size: () => cache.size }
    }
    const a = await copyOf(memo())
    expect([a.fib(20), a.size()]).toEqual([6765, 19])
  })

  test('an object in a cycle with the value', async () => {
    interface Node {
      next?: Node
      n: number
      bump(): number
    }
    const node: Node = { n: 0, bump: () => ++node.n }
    node.next = node
    const a = await copyOf(node)
    expect([a.bump(), a.next!.next!.n, a.next === a]).toEqual([1, 1, true])
  })

  test('nothing with the originals', async () => {
    const original = box(1)
    const a = await copyOf(original)
    a.set(9)
    expect(original.get()).toBe(1)
  })

  test('what they share, after they were sent on', async () => {
    const a = await copyOf(await copyOf(box(1)))
    a.set(2)
    expect(a.get()).toBe(2)
    const b = await copyOf(await copyOf(new Clicker()))
    b.inc()
    expect([b.n, b.get()]).toEqual([1, 1])
  })
})

describe('functions of one value that share nothing', () => {
  test('are sent by their tokens, once for all values', () => {
    const own = new Functions(new BundleStore())
    const offset = [1]
    const f = () => offset.length
    const [a, b] = [encode({ f }, { functions: own }), encode([f], { functions: own })]
    expect(a.bundles).toHaveLength(1)
    expect(b.bundles).toEqual(a.bundles)
  })
})

describe('getters in a value', () => {
  test('are values, also after a function that is written into the value', async () => {
    const { get, set } = box(1)
    const a = await copyOf({
      get,
      set,
      made: {
        get now() {
          return get()
        },
      },
    })
    expect(Object.getOwnPropertyDescriptor(a.made, 'now')).toMatchObject({ value: 1 })
  })
})

describe('tokens', () => {
  test('differ if functions share a variable or have one each', () => {
    const [a, b] = [box(1), box(1)]
    expect(tokenize(a)).toBe(tokenize(b))
    expect(tokenize({ get: a.get, set: a.set })).toBe(tokenize(b))
    expect(tokenize({ get: a.get, set: b.set })).not.toBe(tokenize(b))
    expect(tokenize(new Clicker())).toBe(tokenize(new Clicker()))
  })

  test('of a value with a getter are those of its copies, whatever functions share', async () => {
    const make = () => {
      let n = 1
      return {
        up: () => ++n,
        down: () => --n,
        get now() {
          return n
        },
      }
    }
    expect(tokenize(await copyOf(make()))).toBe(tokenize(make()))
    const listed = [make(), { first: make().up }]
    expect(tokenize(await copyOf(listed))).toBe(tokenize(listed))
    // A function that captures the object keeps the getter.
    const view = make()
    const captured = { read: () => view.now, up: view.up }
    const a = await copyOf(captured)
    expect([a.up(), a.read(), tokenize(await copyOf(captured)) === tokenize(captured)]).toEqual([
      2,
      2,
      true,
    ])
  })
})
