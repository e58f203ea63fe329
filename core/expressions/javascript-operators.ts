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
  '<>': "'<>' is not an operator of expressions; write !=",
  '+=': "'+=' would change a variable; write x + 1, whose value is returned",
  '-=': "'-=' would change a variable; write x - 1, whose value is returned",
  '*=': "'*=' would change a variable; write x * 2, whose value is returned",
  '/=': "'/=' would change a variable; write x / 2, whose value is returned",
}

/** Pairs of adjacent tokens that are one operator in JavaScript if no value follows; `a--b` is `a - (-b)`. */
const atEnd: Readonly<Record<string, string>> = {
  '++': "'++' would change a variable; write x + 1, whose value is returned",
  '--': "'--' would change a variable; write x - 1, whose value is returned",
}

/** Words that are operators in JavaScript or Python, where they stand before or after a value. */
const foreignWords: Readonly<Record<string, string>> = {
  typeof:
    'typeof is not an operator of expressions; use a function, or compare with null: x == null',
  instanceof: 'instanceof is not an operator of expressions; use a function',
  new: 'new is not an operator of expressions; use a function',
  is: "'is' is not an operator of expressions; write ==",
  isnt: "'isnt' is not an operator of expressions; write !=",
}

/** Returns the first operator of JavaScript in a source; undefined if there is none. */
export function findForeignOperator(source: string): ForeignOperator | undefined {
  const tokens = expressionTokens(source).filter(({ token }) => !token.startsWith('#'))
  for (const [i, { token, index }] of tokens.entries()) {
    const next = tokens[i + 1]
    if (next?.index === index + token.length) {
      const pair = token + next.token
      const advice = pairs[pair] ?? (isOperand(tokens[i + 2]) ? undefined : atEnd[pair])
      if (advice !== undefined) return { index, advice }
    }
    const advice = Object.hasOwn(foreignWords, token) ? foreignWords[token] : undefined
    // A field may have such a name, but no name, number or string follows a field.
    if (
      advice !== undefined &&
      /^[\p{L}\p{N}_$"']/u.test(next?.token ?? '') &&
      !words.has(next!.token)
    )
      return { index, advice }
    if (token === '`') {
      return {
        index,
        advice: "strings are in double or single quotes; join them with concat('a', x)",
      }
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
