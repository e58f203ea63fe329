import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { collectGarbage } from '../../../core/base/collect-garbage.js'

test('contexts of the user get no global `gc`', () => {
  collectGarbage()
  expect(runInNewContext('typeof gc')).toBe('undefined')
  collectGarbage()
})
