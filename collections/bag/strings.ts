/**
 * The methods of `String` as operations on bags of texts: `bag.str.split(',')`.
 */
import { arg } from '../../core/graph/recipe.js'
import { describeValue } from '../base/describe-value.js'
import { valueArg } from '../base/step-arguments.js'
import type { Bag } from './bag.js'
import { globStep, patternStep, stringStep } from './steps/item-steps.js'

type Simple =
  | 'at'
  | 'charAt'
  | 'charCodeAt'
  | 'codePointAt'
  | 'concat'
  | 'endsWith'
  | 'includes'
  | 'indexOf'
  | 'lastIndexOf'
  | 'padEnd'
  | 'padStart'
  | 'repeat'
  | 'slice'
  | 'startsWith'
  | 'substring'
  | 'toLocaleLowerCase'
  | 'toLocaleUpperCase'
  | 'toLowerCase'
  | 'toUpperCase'
  | 'trim'
  | 'trimEnd'
  | 'trimStart'

type Texts = TextOperations<string>

type SimpleOperations = {
  [Name in Simple]: (
    this: Texts,
    ...args: Parameters<string[Name]>
  ) => Bag<ReturnType<string[Name]>>
}

/**
 * The text operations of a bag; each is the method of `String` of that name, on every item. They are
 * for bags of texts: `T` is what the items are.
 */
export interface TextOperations<T> extends SimpleOperations {
  /** Only for the type checker. */
  readonly item?: T
  normalize(this: Texts, form?: 'NFC' | 'NFD' | 'NFKC' | 'NFKD'): Bag<string>
  search(this: Texts, pattern: string | RegExp): Bag<number>
  split(this: Texts, separator: string | RegExp, limit?: number): Bag<string[]>
  replace(
    this: Texts,
    pattern: string | RegExp,
    replacement: string | ((match: string, ...groups: string[]) => string),
  ): Bag<string>
  replaceAll(
    this: Texts,
    pattern: string | RegExp,
    replacement: string | ((match: string, ...groups: string[]) => string),
  ): Bag<string>
  /**
   * The texts that match, as in Dask: a filter, not `String.match`. A text is a glob (`*`, `?`,
   * `[a-z]`, `[!a-z]`) that must match the whole item; a regular expression may match a part.
   */
  match(this: Texts, pattern: string | RegExp): Bag<string>
}

const methods = [
  'at',
  'charAt',
  'charCodeAt',
  'codePointAt',
  'concat',
  'endsWith',
  'includes',
  'indexOf',
  'lastIndexOf',
  'normalize',
  'padEnd',
  'padStart',
  'repeat',
  'replace',
  'replaceAll',
  'search',
  'slice',
  'split',
  'startsWith',
  'substring',
  'toLocaleLowerCase',
  'toLocaleUpperCase',
  'toLowerCase',
  'toUpperCase',
  'trim',
  'trimEnd',
  'trimStart',
] as const satisfies readonly Exclude<keyof Texts, 'match' | 'item'>[]

/** How many arguments the methods need that mean nothing without. */
const needed: Readonly<Record<string, number>> = {
  endsWith: 1,
  includes: 1,
  indexOf: 1,
  lastIndexOf: 1,
  padEnd: 1,
  padStart: 1,
  repeat: 1,
  replace: 2,
  replaceAll: 2,
  search: 1,
  split: 1,
  startsWith: 1,
}

/** Adds a step to a bag under a name. */
export type AddStep = (name: string, fn: Function, args: Parameters<typeof arg.list>[0]) => unknown

/** The text operations of a bag, each adding a step to it. */
export function textOperations<T>(add: AddStep): TextOperations<T> {
  const operations: Record<string, (...args: unknown[]) => unknown> = {}
  for (const method of methods) {
    operations[method] = (...args) => {
      const least = needed[method] ?? 0
      if (args.length < least) {
        throw new TypeError(
          `str.${method}: needs ${least} argument${least === 1 ? '' : 's'}, got ${args.length}`,
        )
      }
      return add(method, stringStep, [
        arg.value(method),
        arg.list(args.map((value) => valueArg(value))),
      ])
    }
  }
  operations.match = (pattern) => {
    if (typeof pattern === 'string') return add('match', globStep, [arg.value(pattern)])
    if (pattern instanceof RegExp) return add('match', patternStep, [arg.value(pattern)])
    throw new TypeError(
      `str.match: the pattern must be a text with *, ? and [...], or a regular expression, got ${describeValue(pattern)}`,
    )
  }
  return operations as unknown as TextOperations<T>
}
