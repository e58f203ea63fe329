/**
 * Placeholders for functions and for exports of modules. The codec encodes a placeholder as the
 * function or object that it represents.
 */
import type { IntrinsicDescription, ModuleDescription } from '../../functions/types.js'

/** A placeholder for a function whose bundle exists already. */
export abstract class TokenHolder {
  /** The token of the bundle. */
  abstract readonly token: string
  /** The bundle, which lives as long as the placeholder; undefined for a function that is sent by name. */
  readonly bundle?: { readonly token: string } | undefined
}

/**
 * A placeholder for an export of a module or for an intrinsic. Decoding gives the export or
 * intrinsic itself.
 */
export class Described {
  readonly description: ModuleDescription | IntrinsicDescription
  constructor(description: ModuleDescription | IntrinsicDescription) {
    this.description = description
  }
}
