/** Objects that cannot be sent: the reason and the path in the error. */
import { EventEmitter } from 'node:events'
import { openAsBlob } from 'node:fs'
import { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { NotPortableError } from '../../../../core/base/errors.js'
import { encode } from '../../../../core/codec/index.js'

function* numbers() {
  yield 1
}

const inheriting: object = Object.create({
  get a() {
    return 1
  },
})

const refused: [name: string, value: unknown, reason: RegExp][] = [
  ['socket', new Socket(), /it is a Socket.*open it where it is used/],
  ['stream', Readable.from(['x']), /it is a Readable/],
  ['standard output', process.stdout, /process only/],
  ['promise', Promise.resolve(1), /await it first/],
  ['WeakMap', new WeakMap(), /WeakMap/],
  ['WeakSet', new WeakSet(), /WeakSet/],
  ['WeakRef', new WeakRef({}), /WeakRef/],
  ['Proxy of an object', new Proxy({}, {}), /Proxy/],
  ['Proxy of an array', new Proxy([], {}), /Proxy/],
  ['Proxy of a function', new Proxy(() => 1, {}), /Proxy/],
  ['generator', numbers(), /generator in progress/],
  ['Map iterator', new Map().entries(), /iterator in progress/],
  ['array iterator', [1].values(), /iterator in progress/],
  ['arguments', argumentsOf(1, 2), /Array\.from\(arguments\)/],
  ['symbol', Symbol('mine'), /Symbol\.for/],
  ['symbol key', { [Symbol('mine')]: 1 }, /Symbol\.for/],
  ['Blob of a file', await openAsBlob(new URL(import.meta.url)), /arrayBuffer\(\)/],
  ['AbortSignal', AbortSignal.abort(), /give the signal to the call/],
  ['Response', new Response('x'), /text\(\) or arrayBuffer\(\)/],
  ['detached buffer', detached(), /transferred/],
  ['view of a detached buffer', viewOfDetached(), /transferred/],
  ['EventEmitter', new EventEmitter(), /EventEmitter/],
  [
    'key of the platform',
    await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, true, ['sign']),
    /./,
  ],
  ['AbortController', new AbortController(), /./],
  ['timer', clearedTimer(), /./],
  ['MessagePort', new MessageChannel().port1, /MessagePort/],
  ['the global crypto', Object.create(Object.getPrototypeOf(crypto)), /platform/],
  ['prototype with a getter', inheriting, /getter 'a'/],
]

function detached(): ArrayBuffer {
  const buffer = new ArrayBuffer(8)
  structuredClone(buffer, { transfer: [buffer] })
  return buffer
}

function viewOfDetached(): Uint8Array {
  const view = new Uint8Array(8)
  structuredClone(view, { transfer: [view.buffer] })
  return view
}

function argumentsOf(..._values: number[]): unknown {
  // biome-ignore lint/complexity/noArguments: the object under test
  return arguments
}

function clearedTimer(): unknown {
  const timer = setTimeout(() => {}, 1)
  clearTimeout(timer)
  return timer
}

describe('what cannot travel is refused with the path to it', () => {
  test.each(refused)('%s', (name, value, reason) => {
    const error = refusalOf({ config: [{ ok: 1 }, { socket: value }] })
    expect(error.message).toMatch(reason)
    const path = ['value', 'config', '1', 'socket']
    expect(error.path.slice(0, path.length)).toEqual(path)
    if (
      name !== 'symbol key' &&
      name !== 'key of the platform' &&
      name !== 'AbortController' &&
      name !== 'timer'
    )
      expect(error.path).toEqual(path)
  })
})

test.each([
  ['a Map', new Map([['key', new WeakMap()]]), ['value', 'key']],
  ['a Map key', new Map([[new WeakMap(), 1]]), ['value', '(key)']],
  ['a Set', new Set([new WeakMap()]), ['value', '(item)']],
  ['an error', Object.assign(new Error('x'), { request: new WeakMap() }), ['value', 'request']],
  ['a cause', new Error('x', { cause: new WeakMap() }), ['value', 'cause']],
  [
    'records',
    Array.from({ length: 30 }, (_, i) => ({ i, w: i === 9 ? new WeakMap() : 0 })),
    ['value', '9', 'w'],
  ],
  [
    'a null prototype',
    Object.assign(Object.create(null) as object, { w: new WeakMap() }),
    ['value', 'w'],
  ],
])('the path goes through %s', (_name, value, path) => {
  expect(refusalOf(value).path).toEqual(path)
})

test('the path starts with the keys that the caller passes', () => {
  expect(() => encode({ a: new WeakMap() }, { path: ['map', 'limit'] })).toThrow(
    'Cannot send map -> limit -> a to another thread or process',
  )
})

function refusalOf(value: unknown): NotPortableError {
  try {
    encode(value)
  } catch (error) {
    expect(error).toBeInstanceOf(NotPortableError)
    return error as NotPortableError
  }
  throw new Error('it was not refused')
}
