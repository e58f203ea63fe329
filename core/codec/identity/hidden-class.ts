/**
 * Comparison of V8's hidden classes.
 *
 * Objects of one hidden class have the same prototype and the same properties in the same order;
 * all of them are extensible or none, and all are Proxies or none. They differ only in values and
 * elements. So one pointer comparison proves what checking keys, symbols, prototype and state would
 * prove in twenty times as long.
 *
 * The comparison is a V8 intrinsic, available to JavaScript while a flag is set. The flag is set
 * only while one function is compiled. Where that is impossible (code generation is disabled,
 * another engine) or not wanted (`SKEIN_HIDDEN_CLASSES=off`), the functions here return false, and
 * callers check objects themselves.
 */
import { setFlagsFromString } from 'node:v8'

type Compare = (a: object, b: object) => boolean
type Test = (object: object) => boolean

const SOURCE = {
  haveSameMap: 'return %HaveSameMap(a, b)',
  hasFastProperties: 'return %HasFastProperties(a) && !%HasDictionaryElements(a)',
}

const neverKnown = (): boolean => false

/**
 * Threads that start at the same time may reset the flag for one another, so compilation is
 * retried.
 */
const ATTEMPTS = 8

/**
 * Compiles a test with this source code; returns one that is always false if that is impossible.
 */
function compile(source: string): Compare & Test {
  if (process.env.SKEIN_HIDDEN_CLASSES === 'off') return neverKnown
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
  return neverKnown
}

let haveSameMap: Compare = compile(SOURCE.haveSameMap)
let hasFastProperties: Test = compile(SOURCE.hasFastProperties)

/**
 * Whether two objects are known to have the same hidden class. At least one of them must not have
 * its properties in a dictionary (`hasFixedShape`): such objects share classes though their keys
 * differ.
 */
export function haveSameClass(a: unknown, b: object): boolean {
  try {
    // V8 aborts the process if the intrinsic is called with anything but objects.
    return typeof a === 'object' && a !== null && haveSameMap(a, b)
  } catch {
    // V8 discards code that was not called for long, and cannot recompile it without the flag.
    haveSameMap = compile(SOURCE.haveSameMap)
    return false
  }
}

/**
 * Whether the properties of an object are known to be those of its hidden class. Then all objects
 * of the class have the same properties, except for elements.
 */
function hasFixedShape(object: object): boolean {
  try {
    return hasFastProperties(object)
  } catch {
    hasFastProperties = compile(SOURCE.hasFastProperties)
    return false
  }
}

// One array for each of V8's elements kinds: integers, numbers, anything, and each of them with
// holes.
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

/** Whether a value is known to be an ordinary array: it has elements and nothing else. */
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

/** A typed array of each type, over memory of a fixed length. */
const typedArrays: ReadonlyMap<unknown, object> = new Map(
  [
    Uint8Array,
    Int8Array,
    Uint8ClampedArray,
    Uint16Array,
    Int16Array,
    Uint32Array,
    Int32Array,
    Float32Array,
    Float64Array,
    BigUint64Array,
    BigInt64Array,
  ].map((Type) => [Type.prototype, new Type(1)]),
)

/** Whether an object is known to be an ordinary typed array: it has elements and nothing else. */
export function isOrdinaryTypedArray(object: object): boolean {
  const sample = typedArrays.get(Object.getPrototypeOf(object))
  return sample !== undefined && haveSameClass(object, sample)
}

const date = new Date(0)

/** Whether a value is known to be an ordinary date: it has no properties of its own. */
export function isOrdinaryDate(value: unknown): boolean {
  return haveSameClass(value, date) && !hasOtherFirstKey(value as object, undefined)
}

/**
 * Whether an object's first property is another than `first`. Elements come before all other
 * properties.
 */
function hasOtherFirstKey(object: object, first: string | undefined): boolean {
  for (const key in object) return key !== first
  return first !== undefined
}

/**
 * A sample record, by whose hidden class records with the same keys and nothing else are
 * recognized.
 */
export class RecordTemplate {
  private constructor(
    private readonly sample: object,
    private readonly firstKey: string,
  ) {}

  /**
   * Returns a template made from an object that has exactly these keys and no symbols or
   * non-enumerable properties. Returns undefined if the object is not plain and extensible, or if
   * its hidden class does not determine its properties.
   */
  static of(object: object, keys: readonly string[]): RecordTemplate | undefined {
    const first = keys[0]
    if (first === undefined || startsWithDigit(first) || !hasFixedShape(object)) return undefined
    if (!Object.isExtensible(object) || Object.getPrototypeOf(object) !== Object.prototype)
      return undefined
    return new RecordTemplate(object, first)
  }

  /** Whether an object that has the same keys is known to be plain and to have nothing else. */
  hasSameClass(object: object): boolean {
    return haveSameClass(object, this.sample)
  }

  /**
   * Whether a value is known to be a plain object with the same keys in the same order and nothing
   * else.
   */
  matches(value: unknown): value is object {
    return haveSameClass(value, this.sample) && !hasOtherFirstKey(value as object, this.firstKey)
  }
}

function startsWithDigit(key: string): boolean {
  const code = key.charCodeAt(0)
  return code >= 0x30 && code <= 0x39
}
