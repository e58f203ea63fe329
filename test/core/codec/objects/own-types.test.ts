import { expect, test } from 'vitest'
import '../../../../index.js'
import '../../../../core/codec/built-ins/arrow.js'
import { mayClaim } from '../../../../core/codec/objects/registered-types.js'

test("none of the package's own types has every date looked at by itself", () => {
  expect(mayClaim(Date.prototype)).toBe(false)
})
