/**
 * The interfaces between the parts of the codec.
 *
 * The encoder and the decoder walk over a value; the files in `objects/`, `built-ins/` and `columns/`
 * write and read one kind of object each and call back into the walk. These interfaces are all that
 * they know of it, so that imports run one way.
 */
import type { NotPortableError } from '../base/errors.js'
import type { BuiltFunction, FunctionDescription, SourceShape } from '../functions/types.js'
import type { ViewTable } from './bytes/buffers.js'
import type { Reader } from './bytes/reader.js'
import type { TokenTable } from './bytes/token-table.js'
import type { ValuePath } from './bytes/value-path.js'
import type { Writer } from './bytes/writer.js'
import type { RecordShapes } from './identity/record-shapes.js'
import type { References } from './identity/references.js'

/** The getter and setter of a property. */
export interface Accessor {
  readonly get: Function | undefined
  readonly set: Function | undefined
}

/** A registered type as the codec sees it. */
export interface RegisteredType {
  readonly name: string
  readonly module: string | undefined
  readonly encode: (value: never) => unknown
  readonly decode: (payload: never) => unknown
  /** The registered definition, which is sent with the values. */
  readonly definition: TypeParts
}

/** The parts of a registered type that are sent. */
export interface TypeParts {
  readonly name: string
  readonly class: unknown
  readonly test: unknown
  readonly encode: unknown
  readonly decode: unknown
}

/** What an encoder asks about functions, and about objects that are sent by name. */
export interface FunctionTravel {
  /** The token of a function or of its stand-in, or its description if its source is to be written. */
  travel(fn: object, path: readonly string[]): string | FunctionDescription
  /** The token of an object that is sent by name: a module's export or an intrinsic. */
  reference(object: object): string | undefined
  /** Whether a function in this bundle may write to arrays that it captured. */
  mayWrite?(): boolean
  /** Whether a class belongs to the platform, so that its instances have state we cannot read. */
  isPlatform(Class: Function): boolean
  /** The token of a registered type; undefined if only its name can be sent. */
  typeToken(type: RegisteredType): string | undefined
}

/** What a decoder asks about functions. */
export interface FunctionSource {
  /** The function or object behind a token. */
  lookup(token: string): unknown
  /** The registered type behind a token. */
  type(token: string): Pick<RegisteredType, 'name' | 'decode'>
  /** Builds a function from its source; its captured values are set when they have been read. */
  build(shape: SourceShape): BuiltFunction
  /** Turns an instance of a copied class with private members into one of the original class. */
  settle?(object: object, Class: Function): void
}

/** Records which functions reach which objects, while a bundle is encoded for the first time. */
export interface FunctionSurvey {
  /** The function whose captured values are being written. */
  current: object
  /** An object was written for the first time, at this position. */
  wrote(at: number): void
  /** The object that was written at this position was met again. */
  metAgain(at: number): void
  /** A function was met, for the first time or again. */
  metFunction(fn: object): void
}

/** The encoder, as the files that write one kind of object see it. */
export interface ValueEncoder {
  readonly writer: Writer
  readonly tokens: TokenTable
  readonly references: References
  readonly shapes: RecordShapes
  readonly trail: ValuePath
  /** Objects being written that can be built only once all of their parts have been read. */
  readonly unfinished: Set<object>
  readonly functionTravel: FunctionTravel
  /** Whether the value being written belongs to a function's bundle. */
  readonly isInBundle: boolean
  /** Whether deeper nesting is deferred where it can be. */
  readonly isDeep: boolean
  value(value: unknown): void
  child(key: PropertyKey, value: unknown): void
  at(key: PropertyKey): void
  error(reason: string): NotPortableError
  refused(reason: string): NotPortableError
  named(object: object): boolean
  moved(object: object): void
  putOffFields(object: object): void
  accessor(object: object, key: PropertyKey): Accessor | undefined
  accessorKeys(object: object, keys: readonly string[]): readonly string[]
  symbolProperties(object: object): void
  properties(object: object, keys?: readonly string[], later?: readonly string[]): void
  elements(array: readonly unknown[]): void
  each(values: readonly unknown[], way: (index: number) => readonly PropertyKey[]): void
  within<T>(write: () => T): T
  addBatch(rows: readonly object[], kind: string): void
  functionToken(fn: object): void
  memory(type: Parameters<ViewTable['add']>[0], value: Parameters<ViewTable['add']>[1]): void
}

/** The decoder, as the files that read one kind of object see it. */
export interface ValueDecoder {
  readonly reader: Reader
  readonly functions: FunctionSource
  /** Steps to take once all functions are complete. */
  readonly last: (() => void)[]
  value(): unknown
  keep<T>(at: number, object: T): T
  enter(): void
  leave(): void
  elements(target: unknown[], count: number): unknown[]
  named(target: object, count: number): object
  allProperties<T extends object>(target: T): T
  symbols(target: object): void
  token(index: number): string
  whole<T>(at: number, make: () => T, promise?: () => unknown): T
  made<T>(at: number, make: () => T): T
}
