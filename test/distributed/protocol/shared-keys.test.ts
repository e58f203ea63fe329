import { expect, test } from 'vitest'
import { SharedTasks } from '../../../core/scheduling/tables/shared-tasks.js'
import type { LayerKeys } from '../../../distributed/protocol/index.js'
import { layerKey, packKeys } from '../../../distributed/protocol/layer-keys.js'
import { packStrings } from '../../../distributed/protocol/packed-strings.js'
import { sharedKeysOf } from '../../../distributed/protocol/shared-keys.js'

const noNumber = [
  ...['', 'x', 'x9', '12', 'x:', 'x:a', 'x:01', 'x:00', 'x: 1', 'x:1.5', 'x:-1', 'x:1,', ':', ','],
  'x:1234567890',
]
const withNumber = ['x:0', 'x:9', 'x:10', 'x:123456789', 'x:1,0', 'x:0,12', ':5', ',7', 'x:y:3']

const all = new Uint8Array(1000).fill(1)

test('packed keys are split before the number of a block, and only there', () => {
  const list = [...noNumber, ...withNumber, ...noNumber]
  const keys = sharedKeysOf(
    packStrings(list.length, (i) => list[i]!),
    all,
  )
  list.forEach((key, task) => {
    const number = keys.numberOf(task)
    expect(keys.nameOf(task)! + (number < 0 ? '' : number)).toBe(key)
    expect([key, number >= 0]).toEqual([key, withNumber.includes(key)])
  })
})

test('keys of layers are split as their strings are', () => {
  const layer = (name: string, numblocks: number[]) => {
    return { name, numblocks, recipe: 0, inputs: [], params: [] }
  }
  const layers = [layer('a', []), layer('b-1', [12]), layer('c', [3, 4]), layer('d', [2, 1, 11])]
  const counts = [1, 12, 12, 22]
  const keys: LayerKeys = {
    layers,
    layerOf: Int32Array.from(counts.flatMap((n, i) => new Array<number>(n).fill(i))),
    blockOf: Int32Array.from(counts.flatMap((n) => Array.from({ length: n }, (_, b) => b))),
  }
  const own = sharedKeysOf(keys, all)
  const packed = sharedKeysOf(packKeys(keys), all)
  for (let task = 0; task < 47; task++) {
    expect([own.nameOf(task), own.numberOf(task)]).toEqual([
      packed.nameOf(task),
      packed.numberOf(task),
    ])
  }
  expect([layerKey(keys, 46), own.nameOf(46), own.numberOf(46)]).toEqual(['d:1,0,10', 'd:1,0,', 10])
})

test('private tasks have no shared key', () => {
  const keys = sharedKeysOf(
    packStrings(2, (i) => `x:${i}`),
    Uint8Array.of(0, 1),
  )
  expect([keys.nameOf(0), keys.nameOf(1)]).toEqual([undefined, 'x:'])
})

test('tasks are found by their keys until they are removed, in any order', () => {
  const shared = new SharedTasks()
  const expected = new Map<string, number>()
  const names = ['a:', 'b:', 'c']
  let seed = 7
  const random = (n: number) => (seed = (seed * 48271) % 2147483647) % n
  for (let i = 0; i < 20_000; i++) {
    const name = names[random(3)]!
    const number = name === 'c' ? -1 : random(random(10) === 0 ? 1_000_000_000 : 300)
    const key = `${name}${number}`
    const known = expected.get(key)
    expect(shared.get(name, number)).toBe(known)
    if (known === undefined) {
      shared.add(name, number, i)
      expected.set(key, i)
    } else {
      shared.remove(name, number, known + 1)
      expect(shared.get(name, number)).toBe(known)
      shared.remove(name, number, known)
      expected.delete(key)
    }
  }
  for (const [key, slot] of expected) {
    const name = names.find((one) => key.startsWith(one))!
    shared.remove(name, Number(key.slice(name.length)), slot)
  }
  expect(shared.isEmpty).toBe(true)
})
