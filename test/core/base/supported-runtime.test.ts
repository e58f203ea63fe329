import { expect, test } from 'vitest'
import { unsupportedRuntime } from '../../../core/base/supported-runtime.js'

const node = (version: string) => ({ process: { versions: { node: version } } })

test('Node.js 20.19 and newer are supported', () => {
  for (const version of ['20.19.0', '20.20.2', '22.12.0', '24.0.0', '26.10.0-nightly']) {
    expect(unsupportedRuntime(node(version)), version).toBeUndefined()
  }
  // As under jsdom, which has the names of a browser.
  expect(unsupportedRuntime({ ...node('24.0.0'), document: {}, navigator: {} })).toBeUndefined()
})

test('all else is refused by name', () => {
  for (const version of ['16.20.2', '18.20.8', '20.18.1']) {
    expect(unsupportedRuntime(node(version))).toBe(`Node.js ${version}`)
  }
  // Both give a version of Node.js too.
  const versions = { node: '26.0.0', bun: '1.4.5' }
  expect(unsupportedRuntime({ process: { versions } })).toBe('Bun 1.4.5')
  expect(unsupportedRuntime({ process: { versions: { node: '26.0.0', deno: '2.9.6' } } })).toBe(
    'Deno 2.9.6',
  )
  expect(unsupportedRuntime({ document: {}, navigator: { userAgent: 'Firefox' } })).toBe(
    'a browser',
  )
  // A bundler's stand-in for `process`.
  expect(unsupportedRuntime({ process: {}, document: {} })).toBe('a browser')
  expect(unsupportedRuntime({ importScripts: () => {} })).toBe('a browser')
  const worker = { navigator: { userAgent: 'Cloudflare-Workers' } }
  expect(unsupportedRuntime(worker)).toBe('another runtime (Cloudflare-Workers)')
})

test('a realm without any of these names is not judged', () => {
  expect(unsupportedRuntime({})).toBeUndefined()
})
