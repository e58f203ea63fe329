/** Stands for a function that was turned into a bundle already; it travels as that function. */
export abstract class TokenHolder {
  /** The token of the bundle, which is in the store of this thread. */
  abstract readonly token: string
}
