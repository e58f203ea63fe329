/** The distinct tokens that a value being encoded needs, and the functions that have them. */

const none: readonly string[] = []

/** The tokens of one value. */
export class TokenTable {
  private tokens: string[] = []
  private readonly functions = new Map<object, number>()

  /** Returns the index of a token in the table, adding it if needed. */
  index(token: string): number {
    const index = this.tokens.indexOf(token)
    return index < 0 ? this.tokens.push(token) - 1 : index
  }

  /** Returns the index of a function's token; undefined if the function was not added. */
  of(fn: object): number | undefined {
    return this.functions.size === 0 ? undefined : this.functions.get(fn)
  }

  /** Adds a function with its token, and returns the token's index. */
  add(fn: object, token: string): number {
    const index = this.index(token)
    this.functions.set(fn, index)
    return index
  }

  /** Returns the tokens as a list that does not change any more. */
  take(): readonly string[] {
    return this.tokens.length > 0 ? this.tokens : none
  }

  clear(): void {
    if (this.tokens.length > 0) this.tokens = []
    if (this.functions.size > 0) this.functions.clear()
  }
}
