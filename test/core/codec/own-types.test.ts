import { expect, test } from 'vitest'
import '../../../index.js'
import '../../../core/codec/arrow.js'
import { mayTake } from '../../../core/codec/types.js'

test("none of the package's own types has every date looked at by itself", () => {
  expect(mayTake(Date.prototype)).toBe(false)
})
