/**
 * The bytes of a head.
 *
 * A head is MessagePack as long as the value is plain data (null, booleans, numbers, strings,
 * arrays, string-keyed objects): any MessagePack reader takes it. Everything else starts with the
 * one byte MessagePack leaves unused, 0xc1, followed by one of the kinds below and a body of its own.
 *
 * A head that needs more than its own bytes (buffers out of band, references, functions) is
 * *extended*: 0xc1, `EXTENDED`, two zero bytes, the offset of the trailer as u32, then the value,
 * then the deferred levels of deep nesting, then the trailer.
 */

export const ESCAPE = 0xc1
export const EXTENDED = 0xe5
/** Bytes before the value in an extended head; a multiple of 8, so columns stay aligned. */
export const HEADER_BYTES = 8

/** Containers nest this deep in a head before the rest of a branch is put off to a later place. */
export const DEFER_DEPTH = 256
/** Containers that cannot be put off (sets, errors, class instances) may go this much deeper. */
export const HARD_DEPTH = DEFER_DEPTH + 200
/** The deepest nesting a value may have. */
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
  /** An object with properties besides what its type holds. */
  EXTRAS: 38,
  /** An object that was frozen, sealed, or made to take no more. */
  INTEGRITY: 39,
  PLATFORM: 40,
  /** An object of a registered type that goes along. */
  TYPED: 41,
  DEFER_SET: 42,
  DEFER_INSTANCE: 48,
  /** An instance, or an instance of a class that extends a built-in, with private members. */
  PRIVATE_INSTANCE: 43,
  PRIVATE_SUBCLASS: 44,
  /** An object whose prototype is an object like any other. */
  INHERITING: 45,
  TUPLES: 60,
  MIXED_RECORDS: 61,
  DATES: 62,
  GAPS: 63,
} as const

/** Lists of one length up to this are written as a column for each position. */
export const MOST_IN_TUPLE = 16

/** What stands at a place of an array with gaps; of a mixed column also what kind of scalar. */
export const Mask = {
  PRESENT: 0,
  NULL: 1,
  UNDEFINED: 2,
  NUMBER: 3,
  STRING: 4,
  FALSE: 5,
  TRUE: 6,
} as const

/** How the values of a field of records are written that make no column of scalars. */
export const FieldLayout = {
  ONE_BY_ONE: 0,
  /** As one array of them all, in columns of its own. */
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

/** Index in this list is the code of a view's type in the trailer; the first two are whole buffers. */
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

/** The symbols of the language itself, which are the same in every thread. */
export const WELL_KNOWN_SYMBOLS: ReadonlyMap<string, symbol> = new Map(
  Reflect.ownKeys(Symbol)
    .filter((name): name is string => typeof name === 'string')
    .map((name) => [name, (Symbol as unknown as Record<string, unknown>)[name]] as const)
    .filter((entry): entry is readonly [string, symbol] => typeof entry[1] === 'symbol'),
)
