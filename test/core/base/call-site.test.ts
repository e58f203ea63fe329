import vm from 'node:vm'
import { expect, test } from 'vitest'
import { captureCallSite, RepeatedCallSite } from '../../../core/base/call-site.js'
import { collectGarbage } from '../../support/garbage.js'

class Report {
  readonly table = new Uint8Array(1000)

  site() {
    return captureCallSite()
  }
}

test('a call site has the line of the call, as the source file has it', () => {
  expect(captureCallSite().location).toMatch(/call-site\.test\.ts:15:10$/)
  const report = new Report()
  expect(report.site().location).toMatch(/call-site\.test\.ts:10:12$/)
})

test('a call site is found below many frames, and is one object for one line', () => {
  const deep = (n: number): unknown => (n === 0 ? captureCallSite() : deep(n - 1))
  expect(deep(3)).toBe(deep(40))
})

test('a call site does not keep the objects of the stack', async () => {
  let report: Report | undefined = new Report()
  const ref = new WeakRef(report)
  const site = report.site()
  report = undefined
  await collectGarbage()
  expect(ref.deref()).toBeUndefined()
  expect(site.location).toContain('call-site.test.ts')
})

test('a call site leaves Error as it was', async () => {
  const { stackTraceLimit } = Error
  const before = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace')
  captureCallSite()
  await Promise.resolve()
  expect(Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace')).toEqual(before)
  expect(Error.stackTraceLimit).toBe(stackTraceLimit)
})

test('a call site is found at once above the function that the user called', () => {
  const entry = () => captureCallSite(entry)
  const inner = () => captureCallSite(entry)
  expect(entry().location).toMatch(/call-site\.test\.ts:47:10$/)
  // The function is not on the stack.
  expect(inner().location).toMatch(/call-site\.test\.ts:46:23$/)
})

test.each([
  ['cell.js', 'cell.js:2:3'],
  ['[eval]', '[eval]:2:3'],
  ['webpack:///./src/report.ts', 'webpack:///./src/report.ts:2:3'],
  ['/a folder (copy)/x.js', '/a folder (copy)/x.js:2:3'],
  ['file:///a%20folder/x.js', '/a%20folder/x.js:2:3'],
])('a call site is found in code that is evaluated under the name %s', (filename, location) => {
  const context = vm.createContext({ site: captureCallSite })
  expect(
    vm.runInContext('const sites = [\n  site().location]; sites[0]', context, { filename }),
  ).toBe(location)
  const inFunction = 'const f = () => [\n  site().location]; f()[0]'
  expect(vm.runInContext(`{ ${inFunction} }`, context, { filename })).toBe(location)
})

test('a long loop is sampled: soon after it, calls from another line get the line of the loop', async () => {
  const sites = new RepeatedCallSite()
  const call = (isAlike = true) => sites.capture(call, isAlike)
  let site = call()
  for (let i = 0; i < 3000; i++) site = call()
  const loop = site
  expect(loop).toEqual({ location: expect.stringMatching(/:71:41$/), isSampled: true })
  // Other arguments come from another line.
  expect(call(false)).toEqual({ location: expect.stringMatching(/:75:10$/) })

  for (let i = 0; i < 3000; i++) site = call()
  const later = Array.from({ length: 64 }, () => call().location)
  expect(new Set(later.slice(32))).toEqual(new Set([expect.stringMatching(/:78:50$/)]))

  for (let i = 0; i < 3000; i++) site = call()
  await Promise.resolve()
  expect(call().location).toMatch(/:83:10$/)
})

test('a loop of a thousand calls is looked at call by call', () => {
  const sites = new RepeatedCallSite()
  const call = () => sites.capture(call, true)
  for (let i = 0; i < 999; i++) call()
  expect(call().location).toMatch(/:90:10$/)
})
