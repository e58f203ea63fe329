/** How often arrays are copied. A write to a shared array is visible on the other side; one to a copy is not. */
import { afterAll, describe, expect, test } from 'vitest'
import { capture } from '../../../../core/capture.js'
import { bundles } from '../../../../core/codec/index.js'
import { registerType } from '../../../../core/codec/objects/registered-types.js'
import { mayWriteElements } from '../../../../core/functions/source/array-writes.js'
import { LayerGraph } from '../../../../core/graph/graph.js'
import { dataLayer } from '../../../../core/graph/layer.js'
import { serializeLater } from '../../../../core/graph/serialized-params.js'
import { closeThreads, da, db, getSync, getThreads } from '../../../../index.js'

afterAll(closeThreads)

const n = 1 << 20

/** The memory that the bundle of a function has for what it captured. */
function memoryOf(fn: Function): Uint8Array[] {
  return [...bundles.get(capture(fn).token)!.buffers]
}

function floats(bytes: Uint8Array): Float64Array {
  return new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8)
}

describe('data of a graph', () => {
  test('is encoded once, however often it is computed with', async () => {
    let encoded = 0
    class Counted {}
    registerType('test.Counted', {
      class: Counted,
      encode: () => ++encoded,
      decode: () => new Counted(),
    })
    const layer = dataLayer('data', [2], [serializeLater(new Counted()), serializeLater(3)])
    const keys = ['data:0', 'data:1']
    const [first] = (await getSync(LayerGraph.of(layer), keys)) as unknown[]
    expect(first).toBeInstanceOf(Counted)
    expect(encoded).toBe(0)
    for (let i = 0; i < 3; i++) {
      const [value, three] = (await getThreads(LayerGraph.of(layer), keys)) as unknown[]
      expect(value).toBeInstanceOf(Counted)
      expect(three).toBe(3)
    }
    expect(encoded).toBe(1)
  })

  test('is not copied, though tasks read it with others and alone', async () => {
    const x = await da.arange(4 * n, { chunks: n }).persist({ get: getThreads })
    const sums = async () => [
      await x.sum().compute({ get: getThreads }),
      await x.at('::-1').add(x).sum().compute({ get: getThreads }),
    ]
    const sum = (4 * n * (4 * n - 1)) / 2
    expect(await sums()).toEqual([sum, 2 * sum])
    expect(await sums()).toEqual([sum, 2 * sum])
  })

  test('that cannot be sent fails only the computation that needs it', async () => {
    const graph = { x: new WeakSet(), y: [(set: unknown) => set, 'x'], z: [() => 1] }
    await expect(getThreads(graph, 'y')).rejects.toThrow(/WeakSet/)
    expect(await getThreads(graph, 'z')).toBe(1)
  })
})

describe('a captured array', () => {
  test.each([4, 200, 400, n])(
    'of %d numbers has the values of the time it was captured',
    async (length) => {
      const array = new Float64Array(length).fill(1)
      const bag = db.fromSequence([1, 2], { npartitions: 2 }).map((x: number) => x + array[1]!)
      array[1] = 100
      expect(await bag.compute({ get: getSync })).toEqual([2, 3])
      expect(await bag.compute({ get: getThreads })).toEqual([2, 3])
    },
  )

  test.each([4, 200, n])(
    'of %d numbers has the values of the time it was passed as an argument',
    async (length) => {
      const array = new Float64Array(length).fill(1)
      const bag = db
        .fromSequence([1, 2], { npartitions: 2 })
        .map((x: number, values: Float64Array) => x + values[1]!, array)
      array[1] = 100
      expect(await bag.compute({ get: getSync })).toEqual([2, 3])
      expect(await bag.compute({ get: getThreads })).toEqual([2, 3])
    },
  )

  test('that is large is in shared memory, which threads read without a copy', async () => {
    const array = new Float64Array(n).fill(1)
    const read = (x: number) => x + array[n - 1]!
    const memory = memoryOf(read)
    expect(memory.map(({ buffer }) => buffer instanceof SharedArrayBuffer)).toEqual([true])
    const bag = db.fromSequence([1, 2], { npartitions: 2 }).map(read)
    expect(await bag.compute({ get: getThreads })).toEqual([2, 3])
    floats(memory[0]!)[n - 1] = 5
    expect(await bag.map((x: number) => x).compute({ get: getThreads })).toEqual([6, 7])
  })

  test('in shared memory is not copied at all', () => {
    const array = new Float64Array(new SharedArrayBuffer(n * 8))
    expect(memoryOf(() => array[0])[0]!.buffer).toBe(array.buffer)
  })

  test.each([100, n])(
    'of %d numbers that a function writes to is copied for each thread',
    async (length) => {
      const scratch = new Float64Array(length)
      const bag = db.fromSequence([1, 2, 3, 4], { npartitions: 4 }).map((x: number) => {
        scratch[0] = x
        return scratch[0]
      })
      expect(await bag.compute({ get: getThreads })).toEqual([1, 2, 3, 4])
      for (const memory of memoryOf((x: number) => scratch.fill(x)))
        expect(floats(memory)[0]).toBe(0)
      expect(scratch[0]).toBe(0)
    },
  )
})

describe('results', () => {
  const literal = (length: number) => ({
    made: [(size: number) => new Float64Array(new SharedArrayBuffer(size * 8)).fill(2), length],
    same: [(array: Float64Array) => array, 'made'],
    marked: [(array: Float64Array) => (array[0] = 3), 'same'],
  })

  test('in shared memory are passed between threads, and to the user, without a copy', async () => {
    const [made, same, marked] = (await getThreads(literal(n), ['made', 'same', 'marked'])) as [
      Float64Array,
      Float64Array,
      number,
    ]
    expect(marked).toBe(3)
    expect(made.buffer).toBeInstanceOf(SharedArrayBuffer)
    expect([made[0], same[0]]).toEqual([3, 3])
  })

  test('of arrays are in shared memory from the start', async () => {
    const chunk = (await da.ones([1000, 1000]).add(1).compute({ get: getThreads })) as {
      readonly data: Float64Array
    }
    expect(chunk.data.buffer).toBeInstanceOf(SharedArrayBuffer)
  })
})

describe('mayWriteElements', () => {
  const writes = (fn: Function, foreign = false) => mayWriteElements([String(fn)], foreign)
  const big = new Float64Array(1)
  const other: (array: unknown) => unknown = () => 0

  test('is false for source code that only reads', () => {
    expect(writes((i: number) => big[i]! + big.length)).toBe(false)
    expect(writes(() => big.reduce((a, b) => a + b, 0))).toBe(false)
    expect(writes(() => big.map((x) => x * 2).length)).toBe(false)
    expect(
      writes((k: number) => {
        const out = new Float64Array(big.length)
        for (let i = 0; i < out.length; i++) out[i] = big[i]! * k
        out.sort()
        return out
      }),
    ).toBe(false)
    expect(writes(() => other(big))).toBe(false)
  })

  test.each([
    () => (big[0] = 1),
    () => big[0]!++,
    () => ([big[0]] = [1]),
    () => ({ a: big[0] } = { a: 1 }),
    () => big.fill(1),
    () => big.sort(),
    () => big?.set([1]),
    () => {
      const same = big
      same[0] = 1
    },
    () => {
      const same = new Float64Array(big.buffer)
      same[0] = 1
    },
    () => big.subarray(1).fill(0),
    () => Atomics.add(big as never, 0, 1),
    (array: Float64Array) => (array[0] = 1),
    () => {
      for (big[0] of [1]);
    },
  ])('is true for %s', (fn) => {
    expect(writes(fn)).toBe(true)
  })

  test('is true for passing it to a function whose source is unknown', () => {
    expect(writes(() => other(big), true)).toBe(true)
    expect(writes(() => other(new Float64Array(2)), true)).toBe(false)
  })
})
