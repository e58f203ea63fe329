/** Programs of expressions, and which expressions have the same one. */
import { describe, expect, test } from 'vitest'
import { NDArray } from '../../../../collections/array/block/ndarray.js'
import { readProgram } from '../../../../collections/array/expressions/kernel-program.js'
import { elementwise, lazy } from '../../../../collections/array/expressions/lazy-chunk.js'
import { chunkOf } from '../numpy-fixtures.js'

const block = (...values: number[]) => chunkOf('float64', values)

describe('programs', () => {
  test('expressions that differ in their data have one program', () => {
    const read = (x: NDArray, n: number) =>
      readProgram(elementwise('multiply', elementwise('add', x, n), n + 1).expression)
    const [x, y] = [block(1, 2), block(3, 4, 5)]
    const a = read(x, 10)
    const b = read(y, 20)
    expect(b.program).toBe(a.program)
    expect([...a.data.chunks, ...a.data.floats]).toEqual([x, 10, 11])
    expect([...b.data.chunks, ...b.data.floats]).toEqual([y, 20, 21])
  })

  test('plain values of every kind have their own positions', () => {
    const x = NDArray.zeros('complex128', [1])
    const y = NDArray.zeros('int64', [1])
    for (const n of [1, 2]) {
      const sum = elementwise('add', elementwise('add', x, { re: n, im: -n }), 7 + n)
      const { data } = readProgram(sum.expression)
      expect([...data.floats]).toEqual([n, -n, 7 + n, 0])
      expect(readProgram(elementwise('add', y, BigInt(n)).expression).data.bigs).toEqual([
        BigInt(n),
      ])
    }
  })

  test('an input that is read twice is another program than two inputs', () => {
    const [x, y] = [block(2), block(3)]
    const both = readProgram(elementwise('multiply', x, y).expression)
    const same = readProgram(elementwise('multiply', x, x).expression)
    expect(both.program.inputs).toHaveLength(2)
    expect(same.program.inputs).toHaveLength(1)
    expect(readProgram(elementwise('multiply', y, x).expression).program).toBe(both.program)
    expect(elementwise('multiply', x, x).finish().toArray()).toEqual([4])
    expect(elementwise('multiply', x, y).finish().toArray()).toEqual([6])
  })

  test('a subtree that is used twice is computed once, whatever was read before', () => {
    const nodes = (a: NDArray, b: NDArray) => {
      const first = elementwise('sqrt', a)
      const second = a === b ? first : elementwise('sqrt', b)
      return readProgram(elementwise('add', first, second).expression).program.nodes
    }
    const [x, y] = [block(4), block(9)]
    expect([nodes(x, y), nodes(x, x), nodes(y, x), nodes(y, y)]).toEqual([5, 3, 5, 3])
  })

  test('other dtypes, operations and conversions are other programs', () => {
    const x = block(1)
    const programs = [
      elementwise('add', x, 1),
      elementwise('subtract', x, 1),
      elementwise('add', 1, x),
      elementwise('add', chunkOf('float32', [1]), 1),
      elementwise('add', chunkOf('int32', [1]), 1.5),
      elementwise('add', x, chunkOf('float32', [1])),
      lazy(x),
    ].map(({ expression }) => readProgram(expression).program)
    expect(new Set(programs).size).toBe(programs.length)
  })
})

describe('plans', () => {
  test('blocks of many layouts are computed by their own plans', () => {
    for (let round = 0; round < 2; round++) {
      for (let n = 1; n <= 12; n++) {
        const x = block(...Array.from({ length: 2 * n }, (_, i) => i)).reshape([2, n])
        const column = block(10, 20).reshape([2, 1])
        const sum = elementwise('add', x, column).finish()
        expect(sum.toArray().flat()).toEqual(
          Array.from({ length: 2 * n }, (_, i) => i + (i < n ? 10 : 20)),
        )
        const turned = elementwise('add', x.transpose(), column.transpose()).finish()
        expect(turned.transpose().toArray()).toEqual(sum.toArray())
      }
    }
  })
})
