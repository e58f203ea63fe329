/**
 * The interfaces between the parts of the codec.
 *
 * The encoder, the decoder and the canonical walk (for tokens) traverse a value. The files in
 * `objects/`, `built-ins/`, `columns/` and `tokens/` each handle one kind of object and call back
 * into the traversal through these interfaces, so that imports run one way.
 */
import type { NotPortableError } from '../base/errors.js'
import type { BuiltFunction, FunctionDescription, SourceShape } from '../functions/types.js'
import type { ViewTable } from './bytes/buffers.js'
import type { HashSink } from './bytes/hash-sink.js'
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

/** Determines how an encoder writes functions, and objects that are sent by name. */
export interface FunctionEncoding {
  /** Whether a bundle is written: all values in it belong to functions. */
  readonly forBundle?: boolean
  /**
   * Returns the token of a function or of a placeholder for one. Returns the function's description
   * instead if its source code is to be written into the value.
   */
  encodingOf(fn: object, path: readonly string[]): string | FunctionDescription
  /** Returns the token of an object that is sent by name: a module's export or an intrinsic. */
  tokenByName(object: object): string | undefined
  /** Whether a function in this bundle may write to arrays that it captured. */
  mayWrite?(): boolean
  /** Whether a class belongs to the platform, so that its instances have state we cannot read. */
  isPlatform(Class: Function): boolean
  /** Returns the token of a registered type; undefined if only its name can be sent. */
  typeToken(type: RegisteredType): string | undefined
}

/** Provides a decoder with the functions and registered types behind tokens. */
export interface FunctionSource {
  /** Returns the function or object behind a token. */
  lookup(token: string): unknown
  /** Returns the registered type of a name, whose definition is behind a token. */
  typeOf(token: string, name: string): Pick<RegisteredType, 'name' | 'decode'>
  /**
   * Builds a function from its source code; its captured values are set when they have been read.
   */
  build(shape: SourceShape): BuiltFunction
  /** Turns an instance of a copied class with private members into one of the original class. */
  inheritFromOriginal?(object: object, Class: Function): void
}

/** Records which functions reach which objects, while a bundle is encoded for the first time. */
export interface FunctionSurvey {
  /** The function whose captured values are being written. */
  currentFunction: object
  /** Records that an object was written for the first time, at this position. */
  wroteObject(position: number): void
  /** Records that the object written at this position was found again. */
  foundAgain(position: number): void
  /** Records that a function was found, for the first time or again. */
  foundFunction(fn: object): void
}

/** The encoder, as the files that write one kind of object see it. */
export interface ValueEncoder {
  readonly writer: Writer
  readonly tokens: TokenTable
  readonly references: References
  readonly shapes: RecordShapes
  /** The path to the value being written, for error messages. */
  readonly path: ValuePath
  /** Objects being written that can be built only once all of their parts have been read. */
  readonly unfinished: Set<object>
  readonly functions: FunctionEncoding
  /** Whether the value being written belongs to a function's bundle. */
  readonly isInBundle: boolean
  /** Whether deeper nesting is deferred where it can be. */
  readonly shouldDefer: boolean
  /** Writes any value. */
  writeValue(value: unknown): void
  /** Writes the value at `key` of the object being written. */
  writeChild(key: PropertyKey, value: unknown): void
  /** Sets the last key of the path in error messages without writing anything. */
  setKey(key: PropertyKey): void
  /** Returns an error about the value at the current key. */
  valueError(reason: string): NotPortableError
  /** Returns an error about the object being written. */
  objectError(reason: string): NotPortableError
  /**
   * Writes an object as a name if it is sent by name; otherwise writes nothing and returns false.
   */
  writeByName(object: object): boolean
  /** Records that the object being written starts at the current position, after a prefix. */
  movePosition(object: object): void
  /** Defers the fields of an instance whose class was written. */
  deferFields(object: object): void
  /** Returns the accessor of an own property if it is sent as an accessor and not as its value. */
  accessorOf(object: object, key: PropertyKey): Accessor | undefined
  /** Returns those of the keys whose accessors are sent as accessors. */
  accessorKeys(object: object, keys: readonly string[]): readonly string[]
  /** Writes the elements of an array, one by one. */
  writeElements(array: readonly unknown[]): void
  /** Writes the values of one field of a batch, one by one; `pathTo` gives the path of each. */
  writeEach(values: readonly unknown[], pathTo: (index: number) => readonly PropertyKey[]): void
  /** Calls `write` one nesting level deeper, for a part of a batch. */
  writeNested<T>(write: () => T): T
  /** Registers the objects of a batch that starts at the current position. */
  addBatch(rows: readonly object[], kind: string): void
  /** Writes a function, a class or a placeholder that holds the token of one. */
  writeFunction(fn: object): void
  /** Writes the memory behind a typed array, a DataView, a Buffer or a whole buffer. */
  writeMemory(type: Parameters<ViewTable['add']>[0], value: Parameters<ViewTable['add']>[1]): void
}

/** The decoder, as the files that read one kind of object see it. */
export interface ValueDecoder {
  readonly reader: Reader
  readonly functions: FunctionSource
  /** Steps to run once all functions are complete. */
  readonly finalSteps: (() => void)[]
  /** Reads any value. */
  readValue(): unknown
  /** Registers an object that was read at `position`, so that references to it can be resolved. */
  register<T>(position: number, object: T): T
  /** Enters a nesting level; throws `DecodeError` when there are too many. */
  enter(): void
  /** Leaves a nesting level. */
  leave(): void
  /** Reads `count` elements into an array. */
  readElements(target: unknown[], count: number): unknown[]
  /** Reads `count` string-keyed properties into an object. */
  readProperties(target: object, count: number): object
  /** Returns a token of the value's token table. */
  tokenAt(index: number): string
  /** Builds and registers an object from what `build` reads first. */
  build<T>(position: number, build: () => T): T
  /**
   * Like `build`, one nesting level deeper; the parts can refer to the object by `placeholder()`.
   */
  buildNested<T>(position: number, build: () => T, placeholder?: () => unknown): T
}

/** The walk that turns values into canonical bytes, as the files for one kind of object see it. */
export interface CanonicalWriter {
  readonly sink: HashSink
  readonly functions: FunctionEncoding | undefined
  /** Whether the values are functions of a bundle and what they captured. */
  readonly isInBundle: boolean
  /** Writes any value. */
  writeValue(value: unknown): void
  /** Writes the value at `key` of the object being written. */
  writeChild(key: PropertyKey, value: unknown): void
  /** Sets the last key of the path in error messages without writing anything. */
  setKey(key: PropertyKey): void
  /** Writes a symbol. */
  writeSymbol(symbol: symbol): void
  /** Writes a function, a class or a placeholder that holds the token of one. */
  writeFunction(fn: object): void
  /** Writes the properties of a plain object, preceded by a tag. */
  writePlainObject(object: object, tag: number): void
  /** Writes the bytes of a view, preceded by the name of its type. */
  writeMemory(view: ArrayBufferView, name: string): void
  /** Returns the path to the value being written, for error messages. */
  currentPath(): string[]
  /** Returns an error about the object being written. */
  objectError(reason: string): NotPortableError
}
