/**
 * The layers of `bag.str`: the methods of `String` on every item, and `match`, which selects strings.
 */
import type { Layer } from '../../../core/graph/layer.js'
import { type Arg, arg } from '../../../core/graph/recipe.js'
import { describeValue } from '../../base/describe-value.js'
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
  const match = (pattern: unknown) => makeBag(matchLayer(layer, pattern))
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
  const values = args.map((value) => valueArg(value))
  return strLayer(layer, method, stringStep, [arg.value(method), arg.list(values)])
}

/** Keeps the strings that match a glob as a whole, or in which a regular expression finds a match. */
function matchLayer(layer: Layer, pattern: unknown): Layer {
  if (typeof pattern === 'string') return strLayer(layer, 'match', globStep, [arg.value(pattern)])
  if (pattern instanceof RegExp) return strLayer(layer, 'match', patternStep, [arg.value(pattern)])
  throw new TypeError(
    `str.match: the pattern must be a string with *, ? and [...], or a regular expression, got ${describeValue(pattern)}`,
  )
}

function strLayer(layer: Layer, name: string, fn: Function, args: readonly Arg[]): Layer {
  return stepLayer(layer, operationInfo(`str.${name}`), { fn, args })
}
