import { promises } from 'node:fs'
import path, { join as named } from 'node:path'
import { parse } from 'acorn'
import { describe, expect, test } from 'vitest'
import { describeFunction } from '../../../../core/functions/describe/describe.js'
import { describeReference } from '../../../../core/functions/modules/references.js'
import { analyze } from '../../../../core/functions/rewrite/function-analysis.js'
import type { FunctionDescription, SourceDescription } from '../../../../core/functions/types.js'
import settings from '../../../fixtures/functions/settings.json' with { type: 'json' }

function sourceOf(fn: Function): SourceDescription {
  const description: FunctionDescription = describeFunction(fn)
  if (description.kind !== 'source') throw new Error(`described as ${description.kind}`)
  return description
}

/** Returns the captures of a function as an object. */
function capturesOf(fn: Function): Record<string, unknown> {
  const { captureNames, captures } = sourceOf(fn)
  return Object.fromEntries(captureNames.map((name, i) => [name, captures[i]]))
}

const offset = 3
const socket = new WeakMap()

describe('the captures of a function', () => {
  test('are empty if it uses no variables', () => {
    expect(capturesOf((x: number) => x + 1)).toEqual({})
  })

  test('are the variables that it uses, without globals', () => {
    const text = 'a'
    expect(capturesOf((x: number) => [x, Math.max(offset, 1), text, undefined])).toEqual({
      offset: 3,
      text: 'a',
    })
  })

  test('have only the used members of an object', () => {
    const config = { limit: 4, deep: { a: 1, b: 2 }, socket }
    expect(capturesOf(() => config.limit + config.deep.a)).toEqual({
      config: { limit: 4, deep: { a: 1 } },
    })
    expect(
      capturesOf(() => {
        const { limit } = config
        return limit
      }),
    ).toEqual({ config: { limit: 4 } })
  })

  test('have the whole object if the function passes it on, changes it, or computes a key', () => {
    const get = function (this: { limit: number }) {
      return this.limit
    }
    const config = { limit: 4, more: 5, get, arrow: () => 1 }
    expect(capturesOf(() => [config])).toEqual({ config })
    expect(capturesOf(() => (config.limit = 5)).config).toBe(config)
    expect(capturesOf(() => config.arrow()).config).toEqual({ arrow: config.arrow })
    expect(capturesOf((key: 'more') => config[key]).config).toBe(config)
  })

  test('have what a method or a getter uses of its object', () => {
    const get = function (this: { limit: number }) {
      return this.limit
    }
    const config = { limit: 4, more: 5, get }
    expect(capturesOf(() => config.get()).config).toEqual({ limit: 4, get })
    const withGetter = {
      more: 1,
      get value() {
        return 2
      },
    }
    const captured = capturesOf(() => withGetter.value).withGetter as object
    expect(Object.keys(captured)).toEqual(['value'])
    expect(Object.getOwnPropertyDescriptor(captured, 'value')!.get).toBe(
      Object.getOwnPropertyDescriptor(withGetter, 'value')!.get,
    )
    const whole = function (this: object) {
      return Object.keys(this)
    }
    const keys = { more: 1, whole }
    expect(capturesOf(() => keys.whole()).keys).toBe(keys)
  })

  test('have the whole object if it is an instance', () => {
    const date = Object.assign(new Date(0), { extra: 1 })
    expect(capturesOf(() => date.extra).date).toBe(date)
  })

  test('are read again if a variable may have changed', () => {
    let later = 1
    const fn = () => later
    expect(capturesOf(fn)).toEqual({ later: 1 })
    later = 2
    expect(capturesOf(fn)).toEqual({ later: 2 })
  })

  test('are read once if they cannot change', () => {
    const fn = (x: number) => x + offset
    expect(describeFunction(fn)).toBe(describeFunction(fn))
  })

  test('are described once for all functions with the same source that use no variables', () => {
    const make = () => (x: number) => x + 1
    expect(describeFunction(make())).toBe(describeFunction(make()))
  })

  test('may be members of a JSON module', () => {
    const fn = () => settings.limit
    expect(Object.values(capturesOf(fn))).toEqual([{ default: { limit: 7 } }])
  })
})

describe('functions that are sent by name', () => {
  test('are intrinsics, by path', () => {
    expect(describeFunction(Math.max)).toEqual({ kind: 'intrinsic', path: ['Math', 'max'] })
    expect(describeFunction(Array.prototype.map)).toEqual({
      kind: 'intrinsic',
      path: ['Array', 'prototype', 'map'],
    })
    expect(describeFunction(URL)).toEqual({ kind: 'intrinsic', path: ['URL'] })
    expect(describeFunction(structuredClone)).toMatchObject({ path: ['structuredClone'] })
  })

  test('are functions of Node, under one name however they were imported', () => {
    const join = { kind: 'module', specifier: 'node:path', path: ['join'] }
    expect(describeFunction(path.join)).toMatchObject(join)
    expect(describeFunction(named)).toMatchObject(join)
    expect(describeFunction(promises.readFile)).toMatchObject({
      specifier: 'node:fs/promises',
      path: ['readFile'],
    })
  })

  test('are functions of packages', () => {
    const fn = (text: string) => parse(text, { ecmaVersion: 2022 })
    const [module] = Object.values(capturesOf(fn)) as [{ parse: typeof parse }]
    expect(describeReference(module)).toMatchObject({ kind: 'module', path: [] })
    expect(describeFunction(parse)).toMatchObject({ kind: 'module', path: ['parse'] })
  })

  test('are functions of this package', () => {
    expect(describeFunction(analyze)).toEqual({
      kind: 'operation',
      module: 'core/functions/rewrite/function-analysis',
      name: 'analyze',
    })
  })
})

describe('the source that is sent', () => {
  test('has no coverage counters', () => {
    const text = 'return () => (cov_1ab().f[0]++, 5)\n//# sourceURL=counted.js'
    const counted = new Function('cov_1ab', text)(null) as Function
    expect(sourceOf(counted)).toMatchObject({ source: '() => (0, 5)', captureNames: [] })
  })

  test('has a plain name instead of a computed method name', () => {
    const methods = { async *[`made${offset}`]() {} }
    expect(sourceOf(methods.made3!)).toMatchObject({ source: 'async *_() {}', name: 'made3' })
  })

  test('is marked as strict or sloppy', () => {
    expect(sourceOf(() => 1).strict).toBe(true)
    const sloppy = new Function('return arguments.callee\n//# sourceURL=sloppy.js')
    expect(sourceOf(sloppy).strict).toBe(false)
  })
})
