/** A second capture finds what a first one would find now. */
import { describe, expect, test } from 'vitest'
import { capture } from '../../../../core/capture.js'
import { BundleStore } from '../../../../core/codec/bundles/bundle-store.js'
import { bundles, Functions, functions } from '../../../../core/codec/index.js'

/** Captures a function and returns a copy of it, as another thread would make it. */
function copy<T extends Function>(fn: T): T {
  const { token } = capture(fn, undefined, false)
  const store = new BundleStore()
  for (const needed of bundles.closure([token])) store.add(needed, bundles.get(needed)!)
  return new Functions(store).lookup(token) as T
}

describe('a second capture', () => {
  test('of an object with a getter and a method over one variable shares the variable', () => {
    const make = () => {
      let n = 1
      return {
        get now() {
          return n
        },
        up() {
          n++
        },
      }
    }
    const counter = make()
    const fn = () => {
      counter.up()
      return counter.now
    }
    for (let i = 0; i < 3; i++) expect(copy(fn)()).toBe(2)
    const another = () => {
      counter.up()
      counter.up()
      return counter.now
    }
    expect(copy(another)()).toBe(3)
  })

  test('of functions over one variable shares the variable, whichever is captured first', () => {
    const make = () => {
      let n = 0
      const up = () => ++n
      const get = () => n
      return { up, get, both: () => [up(), get()] }
    }
    const { up, get, both } = make()
    expect(copy(get)()).toBe(0)
    expect(copy(up)()).toBe(1)
    for (let i = 0; i < 3; i++) expect(copy(both)()).toEqual([1, 1])
  })

  test('of a class has methods that were replaced, added, and removed', () => {
    class A {
      m() {
        return 1
      }
      static s() {
        return 1
      }
    }
    const fn = () => [new A().m(), A.s(), 'more' in A.prototype]
    expect(copy(fn)()).toEqual([1, 1, false])
    A.prototype.m = () => 2
    expect(copy(fn)()).toEqual([2, 1, false])
    A.s = () => 3
    expect(copy(fn)()).toEqual([2, 3, false])
    Object.assign(A.prototype, { more: () => 4 })
    expect(copy(fn)()).toEqual([2, 3, true])
    Reflect.deleteProperty(A.prototype, 'more')
    expect(copy(fn)()).toEqual([2, 3, false])
  })

  test('of a subclass has methods that were replaced in its base', () => {
    class Base {
      m() {
        return 1
      }
    }
    class Derived extends Base {}
    const fn = () => new Derived().m()
    expect(copy(fn)()).toBe(1)
    Base.prototype.m = () => 2
    expect(copy(fn)()).toBe(2)
  })

  test('of a constructor function has methods that were added', () => {
    function Old(this: object) {}
    const fn = () => Object.keys(Object.getPrototypeOf(Reflect.construct(Old, [])) as object)
    expect(copy(fn)()).toEqual([])
    Object.assign(Old.prototype as object, { late: () => 1 })
    expect(copy(fn)()).toEqual(['late'])
  })

  test('of a function has properties that were added, changed and removed', () => {
    const helper = (x: number) => x
    const fn = () => (helper as unknown as { extra?: number }).extra
    expect(copy(fn)()).toBeUndefined()
    Object.assign(helper, { extra: 1 })
    expect(copy(fn)()).toBe(1)
    Object.assign(helper, { extra: 2 })
    expect(copy(fn)()).toBe(2)
    Reflect.deleteProperty(helper, 'extra')
    expect(copy(fn)()).toBeUndefined()
  })

  test('of a class whose method was replaced gives another token, the first one keeps its meaning', () => {
    class A {
      m() {
        return 1
      }
    }
    const fn = () => new A().m()
    const first = capture(fn)
    A.prototype.m = () => 2
    const second = capture(fn)
    expect(second.token).not.toBe(first.token)
    expect((functions.lookup(first.token) as typeof fn)()).toBe(1)
    expect((functions.lookup(second.token) as typeof fn)()).toBe(2)
    expect([first.local()(), second.local()()]).toEqual([1, 2])
  })
})
