/**
 * Finds the positions of an expression's names and operators in its source. mathjs's nodes have none, but
 * when they are visited in the order of the source, each is the next token with its spelling.
 */
import { type Position, positionOf } from './errors.js'

const tokenPattern =
  /#[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\\n]|\\.)*'(?=\s*(?:$|[^\p{L}\p{N}\s]))|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[\p{L}_$][\p{L}\p{N}_$]*|[<>=!]=|\?\?|\?\.|\.[*/^']|<<|>>>?|\^\||\S/gu

/** Finds tokens, each after the one found before. */
export class TokenLocator {
  private readonly source: string
  private readonly tokens: readonly { readonly token: string; readonly index: number }[]
  private next = 0

  constructor(source: string) {
    this.source = source
    this.tokens = [...source.matchAll(tokenPattern)].map(([token], i, all) => ({
      token,
      index: all[i]!.index,
    }))
  }

  /** Returns the position of the next token with this spelling; undefined if there is none. */
  find(spelling: string): Position | undefined {
    for (let i = this.next; i < this.tokens.length; i++) {
      if (this.tokens[i]!.token !== spelling) continue
      this.next = i + 1
      return positionOf(this.source, this.tokens[i]!.index)
    }
    return undefined
  }
}
