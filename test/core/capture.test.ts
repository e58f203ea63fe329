import { basename } from 'node:path'
import { describe, expect, test } from 'vitest'
import { CapturedFunction, capture } from '../../core/capture.js'
import { bundles, Functions } from '../../core/codec/index.js'
import { buildFunction } from '../../core/functions/build/build-function.js'
import { loadModule, loadReference } from '../../core/functions/modules/resolve-references.js'

const offset = 3

describe('capture', () => {
  test('rejects values that are not functions and shows them', () => {
    expect(() => capture(3 as never)).toThrow(/expected a function, got 3/)
    expect(() => capture('x => x' as never)).toThrow(/got "x => x"/)
    expect(() => capture(undefined as never)).toThrow(TypeError)
  })

  test('returns a captured function unchanged', () => {
    const captured = capture((x: number) => x + 1)
    expect(capture(captured)).toBe(captured)
    expect(captured).toBeInstanceOf(CapturedFunction)
  })

  test('names the path to a value that cannot be sent', () => {
    const socket = new WeakMap()
    const config = { socket }
    const parse = (line: string) => [line, config]
    expect(() => capture(parse)).toThrow(
      expect.objectContaining({ code: 'NOT_PORTABLE', path: ['parse', 'config', 'socket'] }),
    )
  })

  test('equal functions have equal tokens, different ones different tokens', () => {
    const make = (n: number) => (x: number) => x + n
    expect(capture(make(1)).token).toBe(capture(make(1)).token)
    expect(capture(make(1)).token).not.toBe(capture(make(2)).token)
    expect(capture((x: number) => x + 1).token).not.toBe(capture((x: number) => x - 1).token)
  })

  test('keeps the values of the time of the capture, in this thread too', () => {
    const list = [1]
    let n = 1
    const captured = capture(() => [n, ...list])
    list.push(2)
    n = 5
    expect(captured.local()()).toEqual([1, 1])
  })

  test('runs the user’s own function in this thread if nothing it captured can change', () => {
    const fn = (x: number) => x + offset
    expect(capture(fn).local()).toBe(fn)
    expect(capture(Math.max).local()).toBe(Math.max)
  })

  test('uses modules that this thread has imported', () => {
    const names: string[] = []
    const fn = (path: string) => [basename(path), names.length]
    expect(capture(fn).local()('a/b')).toEqual(['b', 0])
  })
})

/** From Node 22 on, V8 distinguishes a variable without a value from one that is undefined. */
const seesUninitialized = Number(process.versions.node.split('.')[0]) >= 22

describe('variables that are not initialized yet', () => {
  test.runIf(seesUninitialized)('are rejected with the path to them', () => {
    const uses = () => later
    expect(() => capture(uses)).toThrow(/uses -> later.*it has no value yet/)
    const later = 1
    expect(capture(uses).name).toBe('uses')
  })

  test('are accepted if they are not used', () => {
    let n = 0
    const [count, next] = [() => n++, () => n]
    const pair = () => [count(), next()]
    const token = capture(pair).token
    const further = 1
    expect(() => further).not.toThrow()
    expect(typeof token).toBe('string')
  })
})

describe('a function that was sent', () => {
  test('throws errors with the user’s own file and line', () => {
    const shape = { kind: 'source', name: 'fail', form: 'expression', strict: true } as const
    const { fn, complete } = buildFunction({
      ...shape,
      source: '(x) => {\n  throw new Error("no")\n}',
      captureNames: [],
      propertyNames: [],
      origin: { file: 'file:///app/report.js', line: 41, column: 9 },
    })
    complete([], [])
    expect(() => fn()).toThrow(
      expect.objectContaining({ stack: expect.stringMatching(/app\/report\.js:42:9/) }),
    )
  })

  test('is built once for each token', () => {
    const captured = capture((x: number) => x + offset)
    const receiver = new Functions(bundles)
    expect(receiver.lookup(captured.token)).toBe(receiver.lookup(captured.token))
  })

  test('names a package that is missing', async () => {
    const missing = { kind: 'module', specifier: 'no-such-package/part', path: ['x'] } as const
    await expect(loadReference(missing)).rejects.toThrow(
      /'no-such-package' is not installed on .* \(Node v\d/,
    )
    await expect(loadModule('no-such-package')).rejects.toMatchObject({ code: 'MISSING_PACKAGE' })
  })
})
