/** Arrow's tensors of fixed shape, in and out; pyarrow wrote the file. */
import { readFileSync } from 'node:fs'
import { tableFromIPC } from 'apache-arrow'
import { describe, expect, test } from 'vitest'
import { NDArray } from '../../../../collections/array/index.js'

const file = new URL('../../../fixtures/array/tensors.arrow', import.meta.url)
const table = tableFromIPC(readFileSync(file))

describe('tensors that pyarrow wrote', () => {
  test('are read, from several batches', () => {
    const plain = NDArray.fromArrowTensors(table, 'plain')
    expect([plain.dtype, plain.shape]).toEqual(['float64', [4, 2, 3]])
    expect([...plain.toTypedArray()]).toEqual(Array.from({ length: 24 }, (_, i) => i))
  })

  test('with permuted axes are views', () => {
    const permuted = NDArray.fromArrowTensors(table, 'permuted')
    expect([permuted.dtype, permuted.shape]).toEqual(['int32', [4, 3, 2]])
    // pyarrow: permuted.to_numpy_ndarray()[1]
    expect((permuted.toArray() as number[][][])[1]).toEqual([
      [6, 9],
      [7, 10],
      [8, 11],
    ])
  })

  test('other columns are refused', () => {
    expect(() => NDArray.fromArrowTensors(table, 'other')).toThrow(/no tensors of fixed shape/)
    expect(() => NDArray.fromArrowTensors(table, 'none')).toThrow(/'plain', 'permuted', 'other'/)
    expect(() => NDArray.fromArrowTensors(table, 3 as never)).toThrow(/name of the column/)
  })
})

test('tensors are written with their shape', () => {
  const block = NDArray.fromData(
    Float32Array.from({ length: 12 }, (_, i) => i),
    { shape: [2, 3, 2] },
  )
  const read = tableFromIPC(block.toArrowTensors('x'))
  const [field] = read.schema.fields
  expect(Object.fromEntries(field!.metadata)).toEqual({
    'ARROW:extension:name': 'arrow.fixed_shape_tensor',
    'ARROW:extension:metadata': '{"shape":[3,2]}',
  })
  const back = NDArray.fromArrowTensors(read, 'x')
  expect([back.dtype, back.toArray()]).toEqual(['float32', block.toArray()])
  const bytes = block.transpose([0, 2, 1]).toArrowTensors('x')
  const turned = NDArray.fromArrowTensors(tableFromIPC(bytes), 'x')
  expect(turned.toArray()).toEqual(block.transpose([0, 2, 1]).toArray())
})

test('what has no tensors is refused', () => {
  expect(() => NDArray.zeros('float64', []).toArrowTensors('x')).toThrow(/without axes/)
  expect(() => NDArray.zeros('complex64', [2]).toArrowTensors('x')).toThrow(/no complex numbers/)
})
