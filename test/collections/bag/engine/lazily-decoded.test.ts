/** Values that are decoded on first access. */
import { expect, test } from 'vitest'
import { LazilyDecoded } from '../../../../collections/bag/engine/lazily-decoded.js'
import { decode, encode } from '../../../../core/codec/index.js'

test('a value is sent any number of times and decoded on first access', () => {
  let value: unknown = [
    LazilyDecoded.of(['a', { b: new Float64Array([1, 2]) }]),
    LazilyDecoded.of(7),
  ]
  for (let round = 0; round < 3; round++) value = decode(encode(value))
  const [list, number] = value as LazilyDecoded<unknown>[]
  const undecoded = Object.values(list!)
  expect(undecoded).not.toContainEqual(expect.objectContaining({ value: expect.anything() }))
  expect(list!.value).toEqual(['a', { b: new Float64Array([1, 2]) }])
  expect(number!.value).toBe(7)
  expect(list!.value).toBe(list!.value)
})
