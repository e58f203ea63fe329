/**
 * The layers of `bag.str`: the methods of `String` on every item, and `match`, which selects strings.
 */

import { types } from 'node:util'
import { checkArguments } from '../../../core/base/argument-checks.js'
import { describeValue } from '../../../core/base/describe-value.js'
import type { Layer } from '../../../core/graph/layer.js'
import { type Arg, arg } from '../../../core/graph/recipe.js'
import { operationInfo, stepLayer } from '../../base/layer-builders.js'
import { valueArg } from '../../base/step-arguments.js'
import { globStep, patternStep, stringStep } from '../steps/string-steps.js'

/** The methods of `String` that `bag.str` has, under their own names. */
export const stringMethods = [
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
] as const

type StringMethod = (typeof stringMethods)[number]

/** How many arguments a method needs, if any. */
const requiredArguments: Readonly<Partial<Record<StringMethod, number>>> = {
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

/** How many arguments a method takes at most, if not one. */
const mostArguments: Readonly<Partial<Record<StringMethod, number>>> = {
  concat: Number.POSITIVE_INFINITY,
  endsWith: 2,
  includes: 2,
  indexOf: 2,
  lastIndexOf: 2,
  padEnd: 2,
  padStart: 2,
  replace: 2,
  replaceAll: 2,
  slice: 2,
  split: 2,
  startsWith: 2,
  substring: 2,
  toLowerCase: 0,
  toUpperCase: 0,
  trim: 0,
  trimEnd: 0,
  trimStart: 0,
}

/**
 * Returns the operations of `bag.str`, by name. Each checks its arguments and passes its layer to
 * `makeBag`.
 */
export function stringOperations<B>(
  layer: Layer,
  makeBag: (layer: Layer) => B,
): Record<StringMethod | 'match', (...args: unknown[]) => B> {
  const methods = stringMethods.map((method) => {
    return [
      method,
      (...args: unknown[]) => makeBag(stringMethodLayer(layer, method, args)),
    ] as const
  })
  const match = (...args: unknown[]) => {
    checkArguments('str.match', args, 1, 'bag.str.match(pattern)')
    return makeBag(matchLayer(layer, args[0]))
  }
  return { ...Object.fromEntries(methods), match } as ReturnType<typeof stringOperations<B>>
}

/** Calls a method of `String` on every item. Throws a TypeError if arguments are missing. */
function stringMethodLayer(layer: Layer, method: StringMethod, args: readonly unknown[]): Layer {
  const required = requiredArguments[method] ?? 0
  if (args.length < required) {
    throw new TypeError(
      `str.${method}: needs ${required} argument${required === 1 ? '' : 's'}, got ${args.length}`,
    )
  }
  const most = mostArguments[method] ?? 1
  checkArguments(`str.${method}`, args, most, `bag.str.${method}(${most === 0 ? '' : '...'})`)
  const values = args.map((value) => valueArg(value))
  return strLayer(layer, method, stringStep, [arg.value(method), arg.list(values)])
}

/** Keeps the strings that match a glob as a whole, or in which a regular expression finds a match. */
function matchLayer(layer: Layer, pattern: unknown): Layer {
  if (typeof pattern === 'string') return strLayer(layer, 'match', globStep, [arg.value(pattern)])
  if (types.isRegExp(pattern)) return strLayer(layer, 'match', patternStep, [arg.value(pattern)])
  throw new TypeError(
    `str.match: the pattern must be a string with *, ? and [...], or a regular expression, got ${describeValue(pattern)}`,
  )
}

function strLayer(layer: Layer, name: string, fn: Function, args: readonly Arg[]): Layer {
  return stepLayer(layer, operationInfo(`str.${name}`), { fn, args })
}
