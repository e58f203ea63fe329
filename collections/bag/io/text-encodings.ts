/**
 * The encodings of text files: decoding and encoding that never turns a character into another one
 * silently. Invalid input is an error, or is replaced or left out if the user says so.
 */
import { isAscii, isUtf8 } from 'node:buffer'
import { describeValue } from '../../../core/base/describe-value.js'

/** The supported encodings. Their line delimiters can be found without decoding. */
export type TextEncoding = 'utf8' | 'utf16le' | 'utf16be' | 'latin1' | 'ascii'

/** What to do about bytes or characters that an encoding does not have. */
export type ErrorMode = 'strict' | 'replace' | 'ignore'

const encodings: Readonly<Record<string, TextEncoding>> = {
  utf8: 'utf8',
  'utf-8': 'utf8',
  utf16le: 'utf16le',
  'utf-16le': 'utf16le',
  utf16be: 'utf16be',
  'utf-16be': 'utf16be',
  ucs2: 'utf16le',
  'ucs-2': 'utf16le',
  latin1: 'latin1',
  binary: 'latin1',
  ascii: 'ascii',
}

/** Returns the encoding of a name, in any case. Throws a RangeError for an unknown one. */
export function checkEncoding(encoding: string, operation: string): TextEncoding {
  const name = String(encoding).toLowerCase()
  if (Object.hasOwn(encodings, name)) return encodings[name]!
  throw new RangeError(
    `${operation}: encoding must be 'utf8', 'utf16le', 'utf16be', 'latin1' or 'ascii', got ${describeValue(encoding)}`,
  )
}

/** Returns what to do about invalid input, `'strict'` by default. Throws a RangeError for other values. */
export function checkErrors(errors: unknown, operation: string): ErrorMode {
  if (errors === undefined) return 'strict'
  if (errors === 'strict' || errors === 'replace' || errors === 'ignore') return errors
  throw new RangeError(
    `${operation}: errors must be 'strict', 'replace' or 'ignore', got ${describeValue(errors)}`,
  )
}

/** The number of bytes of a character, of those that have a fixed width; 1 for UTF-8. */
export function unitOf(encoding: TextEncoding): number {
  return encoding === 'utf16le' || encoding === 'utf16be' ? 2 : 1
}

/** A byte order mark: the encoding that it says, and its number of bytes. */
export interface ByteOrderMark {
  readonly encoding: TextEncoding
  readonly length: number
}

/** Returns the byte order mark that bytes start with; undefined if there is none. */
export function byteOrderMark(bytes: Uint8Array): ByteOrderMark | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    return { encoding: 'utf8', length: 3 }
  }
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { encoding: 'utf16le', length: 2 }
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { encoding: 'utf16be', length: 2 }
  return undefined
}

/** Whether a byte order mark decides the encoding. In the others, its bytes are letters. */
export function mayHaveByteOrderMark(encoding: TextEncoding): boolean {
  return encoding !== 'latin1' && encoding !== 'ascii'
}

/** Encodes a string without checking it. */
export function encodeString(string: string, encoding: TextEncoding): Buffer {
  if (encoding === 'utf16be') return Buffer.from(string, 'utf16le').swap16()
  return Buffer.from(string, encoding)
}

/** Bytes that are invalid in an encoding. */
export class InvalidBytes {
  /** Where they start in the decoded bytes. */
  readonly offset: number
  readonly description: string
  constructor(offset: number, description: string) {
    this.offset = offset
    this.description = description
  }
}

/**
 * Decodes bytes.
 *
 * @throws InvalidBytes for bytes that are invalid in the encoding, if `errors` is `'strict'`.
 */
export function decodeBytes(bytes: Buffer, encoding: TextEncoding, errors: ErrorMode): string {
  switch (encoding) {
    case 'utf8': {
      // Invalid bytes become U+FFFD, which is found faster than the bytes are checked.
      const string = bytes.toString('utf8')
      const isValid = !string.includes('\ufffd') || errors === 'replace' || isUtf8(bytes)
      return isValid ? string : decodeInvalidUtf8(bytes, errors)
    }
    case 'latin1':
      return bytes.toString('latin1')
    case 'ascii':
      return isAscii(bytes) ? bytes.toString('latin1') : decodeInvalidAscii(bytes, errors)
    case 'utf16le':
      return decodeUtf16(bytes, errors)
    case 'utf16be': {
      const swapped = Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16()
      return decodeUtf16(Buffer.concat([swapped, bytes.subarray(swapped.length)]), errors)
    }
    default:
      return unknownEncoding(encoding)
  }
}

function decodeInvalidUtf8(bytes: Buffer, errors: ErrorMode): string {
  let string = ''
  let start = 0
  for (let at = 0; at < bytes.length; ) {
    const length = characterLength(bytes, at)
    if (length > 0) {
      at += length
      continue
    }
    if (errors === 'strict') throw new InvalidBytes(at, hexadecimal(bytes[at]!))
    string += bytes.toString('utf8', start, at)
    at++
    start = at
  }
  return string + bytes.toString('utf8', start)
}

/** Returns the number of bytes of the UTF-8 character at an index, or 0 if it is invalid. */
function characterLength(bytes: Buffer, at: number): number {
  const first = bytes[at]!
  if (first < 0x80) return 1
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  return isUtf8(bytes.subarray(at, at + length)) ? length : 0
}

function decodeInvalidAscii(bytes: Buffer, errors: ErrorMode): string {
  const invalid = /[\x80-\xff]/g
  const string = bytes.toString('latin1')
  if (errors === 'strict') {
    const offset = string.search(invalid)
    throw new InvalidBytes(offset, hexadecimal(bytes[offset]!))
  }
  return string.replace(invalid, errors === 'replace' ? '\ufffd' : '')
}

/** Half of a character of UTF-16 that stands alone. */
const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

function decodeUtf16(bytes: Buffer, errors: ErrorMode): string {
  const string = bytes.toString('utf16le')
  const isOdd = bytes.length % 2 === 1
  if (!isOdd && isWellFormed(string)) return string
  if (errors === 'strict') {
    const lone = string.search(loneSurrogate)
    if (lone < 0) throw new InvalidBytes(bytes.length - 1, 'half a character at the end')
    throw new InvalidBytes(2 * lone, `0x${string.charCodeAt(lone).toString(16)}`)
  }
  const replacement = errors === 'replace' ? '\ufffd' : ''
  return string.replace(loneSurrogate, replacement) + (isOdd ? replacement : '')
}

/** Whether a string has no lone surrogates. */
function isWellFormed(string: string): boolean {
  return (string as string & { isWellFormed(): boolean }).isWellFormed()
}

function hexadecimal(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`
}

const outside: Readonly<Partial<Record<TextEncoding, RegExp>>> = {
  latin1: /[\u0100-\u{10ffff}]/u,
  ascii: /[\u0080-\u{10ffff}]/u,
}

/** Returns the first character that an encoding does not have; undefined if it has all. */
export function findForeignCharacter(string: string, encoding: TextEncoding): string | undefined {
  const pattern = outside[encoding]
  if (pattern === undefined) {
    return isWellFormed(string) ? undefined : string.match(loneSurrogate)?.[0]
  }
  return pattern.exec(string)?.[0]
}

/** Replaces all characters that an encoding does not have: by `?`, or U+FFFD in Unicode. */
export function replaceForeignCharacters(
  string: string,
  encoding: TextEncoding,
  errors: 'replace' | 'ignore',
): string {
  const pattern = outside[encoding]
  if (pattern === undefined)
    return string.replace(loneSurrogate, errors === 'replace' ? '\ufffd' : '')
  return string.replace(new RegExp(pattern, 'gu'), errors === 'replace' ? '?' : '')
}

function unknownEncoding(encoding: never): never {
  throw new Error(`Invariant broken: no decoder for '${String(encoding)}'`)
}
