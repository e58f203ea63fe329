/**
 * What each entry point offers: a change here is a change of the public interface.
 */

import * as all from 'skein'
import * as array from 'skein/array'
import * as bag from 'skein/bag'
import * as core from 'skein/core'
import * as distributed from 'skein/distributed'
import { expect, test } from 'vitest'

const names = (module: object) => Object.keys(module).sort().join(' ')

test('skein offers all entry points, bags as db and arrays as da', () => {
  const parts = [...Object.keys(core), ...Object.keys(distributed), 'da', 'db'].sort()
  expect(Object.keys(all).sort()).toEqual(parts)
  expect(all.da).toBe(array)
  expect(all.db).toBe(bag)
})

test('skein/core', () => {
  expect(names(core)).toMatchInlineSnapshot()
})

test('skein/bag', () => {
  expect(names(bag)).toMatchInlineSnapshot()
})

test('skein/array', () => {
  expect(names(array)).toMatchInlineSnapshot()
})

test('skein/distributed', () => {
  expect(names(distributed)).toMatchInlineSnapshot()
})
