/**
 * Stand-ins for functions and for what modules export, for those who already know how a thing
 * travels: the codec writes them as that thing.
 */
import type { IntrinsicDescription, ModuleDescription } from '../../functions/types.js'

/** Stands for a function that was turned into a bundle already; it travels as that function. */
export abstract class TokenHolder {
  /** The token of the bundle, which is in the store of this thread. */
  abstract readonly token: string
}

/** Stands for something a module exports, or that is always there; it comes out as that very thing. */
export class Described {
  readonly description: ModuleDescription | IntrinsicDescription
  constructor(description: ModuleDescription | IntrinsicDescription) {
    this.description = description
  }
}
