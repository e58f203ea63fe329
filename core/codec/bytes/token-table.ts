/** The tokens that a value being encoded needs, each once, and the functions known by them. */

const none: readonly string[] = []

export class TokenTable {
  private tokens: string[] = []
  private readonly functions = new Map<object, number>()

  /** The index of a token in the table. */
  index(token: string): number {
    const index = this.tokens.indexOf(token)
    return index < 0 ? this.tokens.push(token) - 1 : index
  }

  /** The index of a function's token; undefined if it was not met yet. */
  of(fn: object): number | undefined {
    return this.functions.size === 0 ? undefined : this.functions.get(fn)
  }

  /** Adds a function and its token. */
  add(fn: object, token: string): number {
    const index = this.index(token)
    this.functions.set(fn, index)
    return index
  }

  /** The tokens, as a list that will not change. */
  take(): readonly string[] {
    return this.tokens.length > 0 ? this.tokens : none
  }

  clear(): void {
    if (this.tokens.length > 0) this.tokens = []
    if (this.functions.size > 0) this.functions.clear()
  }
}
