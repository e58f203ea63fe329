/** Dates, and registered types that claim them. A registration lasts for the whole file. */
import { types } from 'node:util'
import { expect, test } from 'vitest'
import { decode, encode, registerType } from '../../../../core/codec/index.js'

const few = () => [
  new Date(1),
  Object.assign(new Date(2), { note: 'x' }),
  Object.freeze(new Date(3)),
]

test('dates keep their extra properties and their identity', () => {
  const values = few()
  const back = decode(encode({ values, again: values[0] })) as { values: Date[]; again: Date }
  expect(back.values).toEqual(values)
  expect(back.values[1]).toHaveProperty('note', 'x')
  expect(Object.isFrozen(back.values[2])).toBe(true)
  expect(back.again).toBe(back.values[0])
})

test('a registered type can claim dates: few, many, or in records', () => {
  let taken = 0
  registerType('test.Time', {
    test: (value) => types.isDate(value),
    encode: (date: object) => {
      taken++
      return Number(date)
    },
    decode: (time: number) => new Date(time),
  })
  const many = Array.from({ length: 300 }, (_, i) => new Date(i))
  for (const [value, count] of [
    [new Date(1), 1],
    [few(), 3],
    [many, 300],
    [many.map((at, i) => ({ at, i })), 300],
  ] as const) {
    taken = 0
    expect(decode(encode(value))).toEqual(value)
    expect(taken).toBe(count)
  }
})
