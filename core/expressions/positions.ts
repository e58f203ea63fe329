/**
 * Where the parts of an expression are in its text. mathjs's nodes do not say, but they can be
 * walked in the order of the text, and then every name and operator is the next token like it.
 */
import { type Position, positionOf } from './errors.js'

const token =
  /#[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\\n]|\\.)*'(?=\s*(?:$|[^\p{L}\p{N}\s]))|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[\p{L}_$][\p{L}\p{N}_$]*|[<>=!]=|\?\?|\?\.|\.[*/^']|<<|>>>?|\^\||\S/gu

/** Finds tokens, each after the one found before. */
export class Locator {
  private readonly text: string
  private readonly tokens: readonly { readonly word: string; readonly index: number }[]
  private next = 0

  constructor(text: string) {
    this.text = text
    this.tokens = [...text.matchAll(token)].map(([word], i, all) => ({
      word,
      index: all[i]!.index,
    }))
  }

  /** The place of the next token that reads like this; undefined if there is none. */
  find(word: string): Position | undefined {
    for (let i = this.next; i < this.tokens.length; i++) {
      if (this.tokens[i]!.word !== word) continue
      this.next = i + 1
      return positionOf(this.text, this.tokens[i]!.index)
    }
    return undefined
  }
}
