/** What encoders and decoders have in common with those who use them. */
import { NotPortableError } from '../errors.js'
import type { BuiltFunction, FunctionDescription, SourceShape } from '../functions/types.js'
import { TokenHolder } from './token-holder.js'
import type { RegisteredType } from './types.js'

/** A value as bytes: a small head, and buffers of their own for what is large. */
export interface Encoded {
  readonly head: Uint8Array
  readonly buffers: readonly Uint8Array[]
  /** The tokens of the functions that the value needs before it can be decoded. */
  readonly bundles: readonly string[]
}

/** What an encoder asks about functions, and about objects that may travel by name. */
export interface FunctionTravel {
  /** The token of a function or of what stands for one; its description if it is to be spelt out. */
  travel(fn: object, path: readonly string[]): string | FunctionDescription
  /** The token of an object that is not copied but named: what a module exports, an intrinsic. */
  reference(object: object): string | undefined
  /** Whether the functions being spelt out may write to arrays that they captured. */
  mayWrite?(): boolean
  /** Whether a class is the platform's, so that its instances hold what nobody can see. */
  isPlatform(Class: Function): boolean
  /** The token of a type that a user registered; undefined if only its name can be told. */
  typeToken(type: RegisteredType): string | undefined
}

/** For values that hold no functions. */
export const noFunctions: FunctionTravel = {
  travel: (fn, path) => {
    if (fn instanceof TokenHolder) return fn.token
    throw new NotPortableError(path, 'no functions are expected in it')
  },
  reference: () => undefined,
  isPlatform: () => false,
  typeToken: () => undefined,
}

/** What a decoder asks about functions. */
export interface FunctionSource {
  /** What a token stands for. */
  lookup(token: string): unknown
  /** The type that a token stands for. */
  type(token: string): Pick<RegisteredType, 'name' | 'decode'>
  /** Makes a function of its text; it is completed with its values when they have been read. */
  build(shape: SourceShape): BuiltFunction
  /** Makes an object with private members, of a copy of a class, one of the class itself. */
  settle?(object: object, Class: Function): void
}
