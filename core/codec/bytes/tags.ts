/**
 * The format of a head.
 *
 * A head is MessagePack as long as the value is plain data (null, booleans, numbers, strings,
 * arrays, string-keyed objects): any MessagePack reader can read it. Everything else starts with
 * the one byte that MessagePack leaves unused, 0xc1, followed by one of the kinds below and a body
 * specific to the kind.
 *
 * A head that needs more than its own bytes (buffers out of band, references, functions) is
 * *extended*: 0xc1, `EXTENDED`, two zero bytes, the offset of the trailer as u32, then the value,
 * then the deferred levels of deep nesting, then the trailer.
 */

export const ESCAPE = 0xc1
export const EXTENDED = 0xe5
/**
 * The number of bytes before the value in an extended head; a multiple of 8, so columns stay
 * aligned.
 */
export const HEADER_BYTES = 8

/** The nesting depth in a head beyond which the rest of a branch is deferred. */
export const DEFER_DEPTH = 256
/** The nesting depth for objects that cannot be deferred (errors, most class instances). */
export const HARD_DEPTH = DEFER_DEPTH + 200
/** The maximum nesting depth of a value. */
export const MAX_LEVELS = 10_000

export const Kind = {
  UNDEFINED: 1,
  HOLE: 2,
  BIGINT: 3,
  STRING16: 4,
  SYMBOL_FOR: 5,
  WELL_KNOWN_SYMBOL: 6,
  DATE: 7,
  REGEXP: 8,
  MAP: 9,
  SET: 10,
  ERROR: 11,
  URL: 12,
  BOXED: 13,
  VIEW: 14,
  NULL_OBJECT: 15,
  SYMBOL_KEYED: 16,
  SPARSE_ARRAY: 17,
  /** A program's own symbol, by its identity. */
  OWN_SYMBOL: 18,
  INSTANCE: 19,
  SUBCLASS: 20,
  REGISTERED: 21,
  FUNCTION: 22,
  REFERENCE: 23,
  ROW_REFERENCE: 24,
  RECORD_DEFINE: 25,
  RECORD: 26,
  RECORDS: 27,
  COLUMN: 28,
  DEFER_OBJECT: 29,
  DEFER_ARRAY: 30,
  DEFER_MAP: 31,
  URL_SEARCH_PARAMS: 32,
  FUNCTION_SOURCE: 33,
  FUNCTION_BOUND: 34,
  LISTS: 35,
  PRIVATE_STORE: 36,
  PRIVATE_ENTRIES: 37,
  /** A WeakMap or WeakSet of a bundled package. */
  WEAK_CACHE: 47,
  /** An object with properties in addition to the content of its type. */
  EXTRAS: 38,
  /** A frozen, sealed or non-extensible object. */
  INTEGRITY: 39,
  PLATFORM: 40,
  /** An object of a registered type whose definition is sent. */
  TYPED: 41,
  DEFER_SET: 42,
  DEFER_INSTANCE: 48,
  /** An instance with private members, of a plain class or of one that extends a built-in type. */
  PRIVATE_INSTANCE: 43,
  PRIVATE_SUBCLASS: 44,
  /** An object whose prototype is an ordinary object. */
  INHERITING: 45,
  /** A built-in value whose prototype was set to null follows. */
  NULL_PROTOTYPE: 46,
  TUPLES: 60,
  MIXED_RECORDS: 61,
  DATES: 62,
  GAPS: 63,
} as const

/** Lists of equal length up to this are written as one column per position. */
export const MOST_IN_TUPLE = 16

/**
 * The states of the elements of an array with gaps; in a mixed column also the type of each scalar.
 */
export const Mask = {
  PRESENT: 0,
  NULL: 1,
  UNDEFINED: 2,
  NUMBER: 3,
  STRING: 4,
  FALSE: 5,
  TRUE: 6,
} as const

/** How the values of a record field are written if they are not all scalars. */
export const FieldLayout = {
  ONE_BY_ONE: 0,
  /** As one array, itself written as a batch. */
  BATCH: 1,
} as const

/** How the values of one column are laid out. */
export const ColumnKind = {
  ANY: 0,
  INT8: 1,
  INT16: 2,
  INT32: 3,
  FLOAT64: 4,
  BOOLEAN: 5,
  STRING: 6,
  DICTIONARY: 7,
  MASKED: 8,
  MIXED: 9,
} as const

/**
 * The types of views. A type's index is its code in the trailer. The first two are whole buffers.
 */
export const VIEW_TYPES = [
  'ArrayBuffer',
  'SharedArrayBuffer',
  'DataView',
  'Buffer',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'Float16Array',
] as const

export type ViewType = (typeof VIEW_TYPES)[number]

/** The symbols of the language, which are the same in every thread, by name. */
export const WELL_KNOWN_SYMBOLS: ReadonlyMap<string, symbol> = new Map(
  Reflect.ownKeys(Symbol)
    .filter((name): name is string => typeof name === 'string')
    .map((name) => [name, (Symbol as unknown as Record<string, unknown>)[name]] as const)
    .filter((entry): entry is readonly [string, symbol] => typeof entry[1] === 'symbol'),
)
