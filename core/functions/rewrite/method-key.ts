/** The names of methods in the source code that is sent: computed and private ones become a plain name. */
import type { Token, TokenType } from 'acorn'
import { lazyPackage } from '../../base/lazy-package.js'
import type { FunctionSyntax, SyntaxNode } from '../source/syntax.js'
import type { Edit } from './source-edits.js'

const acorn = lazyPackage<typeof import('acorn')>('acorn')

const METHOD_NAME = '_'

/** Returns the edit that replaces a computed or private method name; undefined for all other functions. */
export function methodKeyEdit(source: string, syntax: FunctionSyntax): Edit | undefined {
  const { key, computed } = syntax
  if (key === undefined || (!computed && key.type !== 'PrivateIdentifier')) return undefined
  return keyEdit(source, syntax, key)
}

/**
 * Returns how much longer the name of a method in the source code is than its replacement. The built
 * function starts further to the right by this.
 */
export function methodKeyExcess(source: string, syntax: FunctionSyntax, key: SyntaxNode): number {
  const { start, end, code } = keyEdit(source, syntax, key)
  return end - start - code.length
}

function keyEdit(source: string, { shift, computed }: FunctionSyntax, key: SyntaxNode): Edit {
  let start = key.start - shift
  let end = key.end - shift
  if (computed) {
    // Comments and parentheses may surround the expression in the brackets.
    const { tokTypes } = acorn()
    start = bracketIn(source, 0, tokTypes.bracketL).start
    end = bracketIn(source, end, tokTypes.bracketR).end
  }
  const needsSpace = /\w$/.test(source.slice(0, start))
  return { start, end, code: needsSpace ? ` ${METHOD_NAME}` : METHOD_NAME, short: true }
}

/** Returns the first bracket of a type from a position on, which must not be inside an expression. */
function bracketIn(source: string, from: number, type: TokenType): Token {
  const tokens = acorn().tokenizer(source.slice(from), { ecmaVersion: 'latest' })
  let token = tokens.getToken()
  while (token.type !== type) token = tokens.getToken()
  return { ...token, start: token.start + from, end: token.end + from }
}
