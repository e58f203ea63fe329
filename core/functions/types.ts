/**
 * What a function is made of, as data that still holds live values.
 *
 * `describeFunction` makes a description; whoever moves functions about encodes the values in it and
 * keeps sharing and cycles; `buildFunction` makes the function again. A description says nothing
 * about bytes.
 */

import type { PackageSide } from '../base/errors.js'

/** One of this package's own functions: it travels as a name. */
export interface OperationDescription {
  readonly kind: 'operation'
  readonly module: string
  readonly name: string
}

/** Something every JavaScript of our kind has, by its way from `globalThis`: `['Math', 'max']`. */
export interface IntrinsicDescription {
  readonly kind: 'intrinsic'
  readonly path: readonly string[]
}

/**
 * Something a package or a `node:` module exports; the empty path is the module's namespace.
 * `from` is the URL of the file that imported it, from which the other side looks for it first; it
 * is no part of what the function is, so it belongs in no token.
 */
export interface ModuleDescription {
  readonly kind: 'module'
  readonly specifier: string
  readonly path: readonly string[]
  readonly from?: string | undefined
  /** Whose it was, to be named in errors; no part of what it is either. */
  readonly sender?: PackageSide | undefined
}

/** A function made of an expression: it travels as its text. */
export interface ExpressionDescription {
  readonly kind: 'expression'
  readonly text: string
}

/** What `bind` made. */
export interface BoundDescription {
  readonly kind: 'bound'
  readonly target: Function
  readonly boundThis: unknown
  readonly boundArgs: readonly unknown[]
  /** The properties the user set on it. */
  readonly properties: readonly (readonly [name: string | symbol, value: unknown])[]
}

/** How a function's text is to be read; an `arrow` is one that says `super`, and is made in a method. */
export type FunctionForm = 'expression' | 'method' | 'getter' | 'setter' | 'class' | 'arrow'

/** Where a function's text starts in its file, counted from one; for stack traces, not for tokens. */
export interface Origin {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** All of a function that is text and names: what is known before any captured value is. */
export interface SourceShape {
  readonly kind: 'source'
  readonly source: string
  readonly name: string
  readonly form: FunctionForm
  readonly strict: boolean
  /**
   * The names of the captured values. Mostly variables; `extends` is the class that a class extends,
   * `inherits` what a function itself inherits from if that is unusual,
   * `.prototype` what was put on a function's prototype, `static #` a list of a class's private
   * static fields, `private #` what stores of private members hold of classes; `super` is the prototype
   * of the object that a method was written in, or the class whose prototype that is, `super.prototype`.
   */
  readonly captureNames: readonly string[]
  /** The names of own properties set on the function, static fields among them. */
  readonly propertyNames: readonly (string | symbol)[]
  readonly origin?: Origin | undefined
}

/** A function that goes as text, with the values it captured in the order of their names. */
export interface SourceDescription extends SourceShape {
  readonly captures: readonly unknown[]
  readonly properties: readonly unknown[]
}

/** What a function is made of. */
export type FunctionDescription =
  | OperationDescription
  | IntrinsicDescription
  | ModuleDescription
  | ExpressionDescription
  | BoundDescription
  | SourceDescription

/** A function that was made before its captured values were: `complete` must be called before `fn`. */
export interface BuiltFunction {
  readonly fn: Function
  /** Gives the values, in the order of the shape's `captureNames` and `propertyNames`. */
  complete(captures: readonly unknown[], properties: readonly unknown[]): void
}
