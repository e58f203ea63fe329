/** The types that this package registers. */
import { expect, test } from 'vitest'
import '../../../../index.js'
import '../../../../core/codec/built-ins/arrow.js'
import { mayClaim } from '../../../../core/codec/objects/registered-types.js'

test('no type of this package claims dates, so dates can be written in batches', () => {
  expect(mayClaim(Date.prototype)).toBe(false)
})
