/**
 * Keys compared by content: a string that is equal for equal keys, and a hash that is the same in
 * every process.
 *
 * Keys are equal if they have the same type and value. NaN equals itself and -0 equals 0; arrays are
 * compared item by item, plain objects field by field in any order, dates by their time. Functions,
 * symbols and instances of classes are refused.
 */

import { types } from 'node:util'
import { describeValue } from '../../../core/base/describe-value.js'

/** Returns a string that two keys share exactly if they are equal. */
export function canonicalString(key: unknown): string {
  switch (typeof key) {
    case 'string':
      return `s${key.length}:${key}`
    case 'number':
      return key === 0 ? 'd0' : `d${key}`
    case 'bigint':
      return `i${key}`
    case 'boolean':
      return key ? 'T' : 'F'
    case 'undefined':
      return 'U'
    case 'object':
      return key === null ? 'N' : compositeString(key)
    default:
      throw unusable(key)
  }
}

function compositeString(key: object): string {
  if (Array.isArray(key)) {
    let string = `[${key.length}`
    for (let i = 0; i < key.length; i++) string += `,${canonicalString(key[i])}`
    return `${string}]`
  }
  const prototype = Object.getPrototypeOf(key) as object | null
  if (prototype !== null && prototype !== Object.prototype) {
    if (types.isDate(key)) return `t${key.getTime()}`
    if (!isForeignObject(prototype)) throw unusable(key)
  }
  const fields = Object.keys(key).sort()
  let string = `{${fields.length}`
  for (const field of fields) {
    string += `,${field.length}:${field}=${canonicalString((key as Record<string, unknown>)[field])}`
  }
  return `${string}}`
}

/** Whether this is the `Object.prototype` of another realm, such as a `vm` context. */
function isForeignObject(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf')
}

function unusable(key: unknown): TypeError {
  return new TypeError(
    `${describeValue(key)} cannot be a key: use a string, a number, a bigint, a boolean, null, a date, or arrays and plain objects of these`,
  )
}

const scratch = new DataView(new ArrayBuffer(8))

/**
 * Returns a 53-bit hash of a key as an integer. Hashes with different seeds are independent of each
 * other.
 */
export function hashKey(key: unknown, seed = 0): number {
  let high = (0x9e3779b9 ^ seed) | 0
  let low = (0x85ebca6b + Math.imul(seed, 0x27d4eb2f)) | 0
  if (typeof key === 'number') {
    scratch.setFloat64(0, key === 0 ? 0 : Number.isNaN(key) ? Number.NaN : key)
    const a = scratch.getInt32(0)
    const b = scratch.getInt32(4)
    high = mix(high ^ 0x6e, a, b)
    low = mix(low ^ 0x6e, b, a)
  } else {
    const string = typeof key === 'string' ? key : canonicalString(key)
    const tag = typeof key === 'string' ? 0x73 : 0x63
    high ^= tag
    low ^= tag
    for (let i = 0; i < string.length; i++) {
      const unit = string.charCodeAt(i)
      high = Math.imul(high ^ unit, 0x01000193)
      low = Math.imul(low ^ unit, 0x5bd1e995)
      low ^= low >>> 15
    }
    high = mix(high, string.length, low)
    low = mix(low, string.length, high)
  }
  return (high & 0x1fffff) * 0x1_0000_0000 + (low >>> 0)
}

/** Returns which of `count` partitions a key belongs to. */
export function partitionOfKey(key: unknown, count: number, seed = 0): number {
  return hashKey(key, seed) % count
}

function mix(state: number, a: number, b: number): number {
  let h = state ^ Math.imul(a, 0xcc9e2d51)
  h = Math.imul((h << 13) | (h >>> 19), 0x85ebca6b)
  h ^= Math.imul(b, 0x1b873593)
  h ^= h >>> 16
  h = Math.imul(h, 0xc2b2ae35)
  h ^= h >>> 13
  h = Math.imul(h, 0x27d4eb2f)
  return h ^ (h >>> 16)
}
