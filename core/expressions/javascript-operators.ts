/**
 * Finds operators of JavaScript in expressions. mathjs has others, and would report `a === b` only as a
 * missing value, or read `a !== b` as a factorial.
 */
import { expressionTokens, type Token } from './token-locator.js'

/** An operator of JavaScript in an expression, and what to write instead. */
interface ForeignOperator {
  /** The index of its first character. */
  readonly index: number
  readonly advice: string
}

/** Pairs of adjacent tokens that are one operator in JavaScript. */
const pairs: Readonly<Record<string, string>> = {
  '===': "'===' is not an operator of expressions; write ==",
  '!==':
    "'!==' is not an operator of expressions; write != (and `a! == b`, with a space, for a factorial)",
  '&&': "'&&' is not an operator of expressions; write and",
  '||': "'||' is not an operator of expressions; write or",
  '**': "'**' is not an operator of expressions; write ^",
  '=>': 'it is a function in a string; pass the function itself, without quotes',
}

/** Returns the first operator of JavaScript in a source; undefined if there is none. */
export function findForeignOperator(source: string): ForeignOperator | undefined {
  const tokens = expressionTokens(source).filter(({ token }) => !token.startsWith('#'))
  for (const [i, { token, index }] of tokens.entries()) {
    const next = tokens[i + 1]
    if (next?.index === index + token.length) {
      const advice = pairs[token + next.token]
      if (advice !== undefined) return { index, advice }
    }
    if (token === '!' && isOperand(next) && !endsOperand(tokens[i - 1])) {
      return { index, advice: "'!' before a value is not an operator of expressions; write not" }
    }
  }
  return undefined
}

/** Words that are operators and not the end of an operand. */
const words: ReadonlySet<string> = new Set(['and', 'or', 'xor', 'not', 'mod', 'to', 'in'])

function isOperand(token: Token | undefined): boolean {
  return token !== undefined && /^[\p{L}\p{N}_$("'[.!]/u.test(token.token)
}

function endsOperand(token: Token | undefined): boolean {
  return (
    token !== undefined && !words.has(token.token) && /[\p{L}\p{N}_$)"'\].!%]$/u.test(token.token)
  )
}
