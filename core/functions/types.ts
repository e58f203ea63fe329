/**
 * Descriptions of functions: plain data that still holds the captured values themselves.
 *
 * `describeFunction` makes a description, and `buildFunction` makes a function from one. The codec
 * serializes descriptions and the values in them, shared references and cycles included. A description
 * does not depend on the byte format.
 */

import type { PackageSide } from '../base/errors.js'

/** A function of this package, sent by name. */
export interface OperationDescription {
  readonly kind: 'operation'
  readonly module: string
  readonly name: string
}

/** A value that every thread has, by its path from `globalThis`: `['Math', 'max']`. */
export interface IntrinsicDescription {
  readonly kind: 'intrinsic'
  readonly path: readonly string[]
}

/**
 * An export of a package or of a `node:` module; an empty path is the module's namespace. `from` is the
 * URL of the file that imported it, from which the receiver looks for the module first. It is not part
 * of the function's identity, so it is not part of tokens.
 */
export interface ModuleDescription {
  readonly kind: 'module'
  readonly specifier: string
  readonly path: readonly string[]
  readonly from?: string | undefined
  /** The sending machine, which errors name; not part of the function's identity either. */
  readonly sender?: PackageSide | undefined
}

/** A function made from a mathjs expression, sent as the expression's string. */
export interface ExpressionDescription {
  readonly kind: 'expression'
  readonly text: string
}

/** A function made by `bind`. */
export interface BoundDescription {
  readonly kind: 'bound'
  readonly target: Function
  readonly boundThis: unknown
  readonly boundArgs: readonly unknown[]
  /** The properties that the user set on it. */
  readonly properties: readonly (readonly [name: string | symbol, value: unknown])[]
}

/**
 * The syntactic form of a function's source code. An `arrow` is an arrow function that uses `super` and
 * is created inside a method.
 */
export type FunctionForm = 'expression' | 'method' | 'getter' | 'setter' | 'class' | 'arrow'

/**
 * The position of a function's source code in its file, counted from one. It is used for stack traces,
 * not for tokens.
 */
export interface Origin {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** The source code of a function and the names of its captured values, without the values. */
export interface SourceShape {
  readonly kind: 'source'
  readonly source: string
  readonly name: string
  readonly form: FunctionForm
  readonly strict: boolean
  /**
   * The names of the captured values. Most are variables. The others are:
   *
   * - `extends`: the base class of a class
   * - `inherits`, `inherits.prototype`: what a function itself inherits from, if that is unusual, or the class with this prototype
   * - `.prototype`, `.prototype=`: members added to a function's prototype, or a prototype that replaces it
   * - `static #`: the values of a class's private static fields, as a list
   * - `static .`: static members that decorators replaced
   * - `private #`: private static members that a compiler keeps in WeakMaps
   * - `super`, `super.prototype`: the prototype of the method's home object, or the class with this prototype
   */
  readonly captureNames: readonly string[]
  /** The names of own properties that were set on the function, static fields included. */
  readonly propertyNames: readonly (string | symbol)[]
  readonly origin?: Origin | undefined
}

/** A function sent as source code, with its captured values in the order of their names. */
export interface SourceDescription extends SourceShape {
  readonly captures: readonly unknown[]
  readonly properties: readonly unknown[]
}

/** The parts of a function, or its name. */
export type FunctionDescription =
  | OperationDescription
  | IntrinsicDescription
  | ModuleDescription
  | ExpressionDescription
  | BoundDescription
  | SourceDescription

/** A function that was created before its captured values. `complete` must be called before `fn`. */
export interface BuiltFunction {
  readonly fn: Function
  /** Sets the values, in the order of the shape's `captureNames` and `propertyNames`. */
  complete(captures: readonly unknown[], properties: readonly unknown[]): void
}
