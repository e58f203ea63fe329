/**
 * Finds the positions of an expression's names and operators in its source. mathjs's nodes have none, but
 * when they are visited in the order of the source, each is the next token with its spelling.
 */
import { type Position, positionOf } from './errors.js'

const tokenPattern =
  /#[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\\n]|\\.)*'(?=\s*(?:$|[^\p{L}\p{N}\s]))|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[\p{L}_$][\p{L}\p{N}_$]*|[<>=!]=|\?\?|\?\.|\.[*/^']|<<|>>>?|\^\||\S/gu

/** A token of a source and the index of its first character. */
export interface Token {
  readonly token: string
  readonly index: number
}

/** Returns the tokens of a source: names, numbers, strings, comments and operators. */
export function expressionTokens(source: string): readonly Token[] {
  return Array.from(source.matchAll(tokenPattern), (match) => {
    return { token: match[0], index: match.index }
  })
}

/** Finds tokens, each after the one found before. */
export class TokenLocator {
  private readonly source: string
  private readonly tokens: readonly Token[]
  private next = 0

  constructor(source: string) {
    this.source = source
    this.tokens = expressionTokens(source)
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
