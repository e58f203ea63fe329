import { expect, test } from 'vitest'
import { Packed } from '../../../../collections/bag/engine/packed.js'
import { decode, encode } from '../../../../core/codec/index.js'

test('a packed value travels any number of times, and is read only when it is wanted', () => {
  let value: unknown = [Packed.of(['a', { b: new Float64Array([1, 2]) }]), Packed.of(7)]
  for (let trip = 0; trip < 3; trip++) value = decode(encode(value))
  const [list, number] = value as Packed<unknown>[]
  const undecoded = Object.values(list!)
  expect(undecoded).not.toContainEqual(expect.objectContaining({ value: expect.anything() }))
  expect(list!.value).toEqual(['a', { b: new Float64Array([1, 2]) }])
  expect(number!.value).toBe(7)
  expect(list!.value).toBe(list!.value)
})
