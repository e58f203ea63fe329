/**
 * Hidden classes: whether two objects have the same one, which V8 knows without looking at either.
 *
 * Objects of one hidden class have the same prototype and the same properties in the same order, all
 * of them extensible or none, all of them Proxies or none; what differs is the values, and elements.
 * One comparison of pointers proves of an object what asking for its keys, symbols, prototype and
 * state proves in twenty times as long. The comparison is an intrinsic of V8 that JavaScript reaches
 * while a flag is set: it is set for as long as one function is compiled, and put back. Where that
 * cannot be done (code generation is switched off, another engine), or is not wanted
 * (`SKEIN_HIDDEN_CLASSES=off`), nothing is known here, and everybody looks for themselves.
 */
import { setFlagsFromString } from 'node:v8'

type Compare = (a: object, b: object) => boolean
type Test = (object: object) => boolean

const SOURCE = {
  same: 'return %HaveSameMap(a, b)',
  fast: 'return %HasFastProperties(a) && !%HasDictionaryElements(a)',
}

const unknown = (): boolean => false

/** Threads that start together set the flag and put it back in each other's way. */
const ATTEMPTS = 8

/** The test with this source; one that knows nothing if it cannot be had. */
function compile(source: string): Compare & Test {
  if (process.env.SKEIN_HIDDEN_CLASSES === 'off') return unknown
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      setFlagsFromString('--allow-natives-syntax')
      return new Function('a', 'b', source) as Compare & Test
    } catch (error) {
      if (!(error instanceof SyntaxError)) break
    } finally {
      setFlagsFromString('--no-allow-natives-syntax')
    }
  }
  return unknown
}

let same: Compare = compile(SOURCE.same)
let fast: Test = compile(SOURCE.fast)

/**
 * Whether two objects are known to have the same hidden class. One of them must be known not to keep
 * its properties in a dictionary (`hasFixedShape`): those share classes though their keys differ.
 */
export function haveSameClass(a: unknown, b: object): boolean {
  try {
    // V8 ends the process if it is asked about anything but objects.
    return typeof a === 'object' && a !== null && same(a, b)
  } catch {
    // V8 forgets what was not called for long, and cannot compile it without the flag.
    same = compile(SOURCE.same)
    return false
  }
}

/**
 * Whether the properties of an object are known to be those of its hidden class: all others of the
 * class have the same, if their keys show no elements.
 */
export function hasFixedShape(object: object): boolean {
  try {
    return fast(object)
  } catch {
    fast = compile(SOURCE.fast)
    return false
  }
}

// One of each way in which V8 keeps elements: integers, numbers, anything, and each of them with holes.
const packedIntegers: object = [1, 2]
const packedNumbers: object = [1.5, 2.5]
const packed: object = ['a', 'b']
const integers: object = withHole([1, 2])
const numbers: object = withHole([1.5, 2.5])
const anything: object = withHole(['a', 'b'])

function withHole(array: unknown[]): object {
  delete array[0]
  return array
}

/** Whether this is known to be an array with elements and nothing else, as a literal makes it. */
export function isOrdinaryArray(array: unknown): boolean {
  return (
    haveSameClass(array, packed) ||
    haveSameClass(array, packedIntegers) ||
    haveSameClass(array, packedNumbers) ||
    haveSameClass(array, anything) ||
    haveSameClass(array, integers) ||
    haveSameClass(array, numbers)
  )
}

const date = new Date(0)

/** Whether this is known to be a date and nothing else. */
export function isOrdinaryDate(value: unknown): boolean {
  return haveSameClass(value, date) && !startsOtherwise(value as object, undefined)
}

/** Whether an object's first property, where elements come before all others, is another than this. */
function startsOtherwise(object: object, first: string | undefined): boolean {
  for (const key in object) return key !== first
  return first !== undefined
}

/** A sample record, by whose hidden class records with the same keys and nothing else are recognized. */
export class RecordTemplate {
  private constructor(
    private readonly sample: object,
    private readonly firstKey: string,
  ) {}

  /**
   * Returns a template made from an object that has exactly these keys and no symbols or
   * non-enumerable properties. Returns undefined if the object is not plain and extensible, or if its
   * hidden class does not determine its properties.
   */
  static of(object: object, keys: readonly string[]): RecordTemplate | undefined {
    const first = keys[0]
    if (first === undefined || startsLikeANumber(first) || !hasFixedShape(object)) return undefined
    if (!Object.isExtensible(object) || Object.getPrototypeOf(object) !== Object.prototype)
      return undefined
    return new RecordTemplate(object, first)
  }

  /** Whether an object that has the same keys is known to be plain and to have nothing else. */
  hasSameClass(object: object): boolean {
    return haveSameClass(object, this.sample)
  }

  /** Whether a value is known to be a plain object with the same keys in the same order and nothing else. */
  matches(value: unknown): value is object {
    return haveSameClass(value, this.sample) && !startsOtherwise(value as object, this.firstKey)
  }
}

function startsLikeANumber(key: string): boolean {
  const code = key.charCodeAt(0)
  return code >= 0x30 && code <= 0x39
}
