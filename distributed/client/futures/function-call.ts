/**
 * One call of a function on the cluster: the recipe of its task, the futures that it reads, and its
 * key. A future may stand anywhere in the arguments: as one of them, or in lists and plain objects.
 */

import { CancelledError, NotPortableError } from '../../../core/base/errors.js'
import { type CapturedFunction, capture } from '../../../core/capture.js'
import { expressionFunction } from '../../../core/expressions/expression.js'
import { assertAnnotations, withScopeAnnotations } from '../../../core/graph/annotate.js'
import { isComputable } from '../../../core/graph/descriptor.js'
import { extractLazyValues, insertValues } from '../../../core/graph/nested-values.js'
import { type Annotations, type Arg, arg, DATA, type Recipe } from '../../../core/graph/recipe.js'
import { RemoteValue } from '../../../core/graph/remote-value.js'
import { type StoredValue, store } from '../../../core/graph/stored-value.js'
import { tokenize } from '../../../core/graph/tokenize.js'
import { assertSendable } from '../../protocol/sendable.js'
import { Future, futureTarget } from './future.js'

/** A call, ready to become a task. */
export interface Call {
  readonly recipe: Recipe
  readonly params: readonly StoredValue[]
  readonly reads: readonly RemoteValue[]
  readonly key: string
  /** Whether the key is made from the content. */
  readonly isNamed: boolean
}

export interface CallOptions extends Annotations {
  /** Whether equal calls are one task, computed once; true by default. */
  readonly pure?: boolean | undefined
  /** The key, instead of one that is made from the function and its arguments. */
  readonly key?: string | undefined
}

/** Fails unless these are options of a call; misspelt ones are told. */
export function assertCallOptions(options: unknown, what: string): asserts options is CallOptions {
  assertAnnotations(options, what, ['pure', 'key'])
  const { pure, key } = options as CallOptions
  if (pure !== undefined && typeof pure !== 'boolean')
    throw new TypeError(`${what}: pure is true or false, got ${typeof pure}`)
  if (key !== undefined && (typeof key !== 'string' || key === ''))
    throw new TypeError(`${what}: key is a text, got ${key === '' ? 'an empty one' : typeof key}`)
}

/** The recipes of calls of a function, by form, as long as what it captured is the same. */
interface KnownRecipes {
  readonly token: string
  readonly byForm: Map<string, Recipe>
}

const recipes = new WeakMap<Function, KnownRecipes>()

/** The function of a call, or that of an expression, read once for many calls. */
export function captureCalled(fn: unknown, what: string): CapturedFunction {
  if (typeof fn === 'string') return capture(expressionFunction(fn, what))
  if (typeof fn === 'function') return capture(fn)
  const given = fn === null ? 'null' : typeof fn
  const hint = isComputable(fn)
    ? ': a collection is computed by client.compute(collection)'
    : fn instanceof RemoteValue
      ? ': futures are arguments, after the function'
      : ''
  throw new TypeError(
    `${what}: the first argument is a function, or an expression such as 'x + y', got ${given}${hint}`,
  )
}

/**
 * Makes a call of a function with arguments. `unique` makes a key that nobody has.
 *
 * @throws NotPortableError, with the path to it, for an argument that cannot travel, CancelledError for a
 *   future that was released or cancelled.
 */
export function makeCall(
  fn: CapturedFunction,
  args: readonly unknown[],
  options: CallOptions,
  unique: () => string,
): Call {
  const { pure = true, key, ...rest } = options
  const given = Object.keys(rest).length === 0 ? undefined : rest
  const annotations = withScopeAnnotations(given)
  const params: StoredValue[] = []
  const reads: RemoteValue[] = []
  const form: string[] = []
  args.forEach((value, i) => {
    if (value instanceof RemoteValue) {
      assertKept(value, fn, i)
      reads.push(value)
      form.push('f')
      return
    }
    const readBefore = reads.length
    const { plain, paths } = checked(fn, i, () => {
      if (typeof value === 'object' && value !== null) isRemote(value)
      return extractLazyValues(value, isRemote, reads)
    })
    for (const read of reads.slice(readBefore)) assertKept(read, fn, i)
    const stored = storeArgument(plain, fn, i)
    assertSendable(stored, () => `${fn.name || 'task'}: argument ${i + 1}`, 'split it into several')
    params.push(stored)
    if (paths.length > 0) params.push(store(paths))
    form.push(paths.length === 0 ? 'v' : `p${paths.length}`)
  })
  const recipe = recipeOf(fn, form, annotations)
  const name = fn.name || 'task'
  if (key !== undefined) return { recipe, params, reads, key, isNamed: false }
  if (!pure) return { recipe, params, reads, key: `${name}-${unique()}`, isNamed: false }
  const readKeys = reads.map(({ key, run, place }) => [key, run, place])
  const token = tokenize(fn.token, form, params, readKeys)
  return { recipe, params, reads, key: `${name}-${token}`, isNamed: true }
}

/** A value to be kept on the cluster as it is. */
export function makeData(value: unknown, options: CallOptions, unique: () => string): Call {
  const { pure = true, key, ...rest } = options
  const annotations = withScopeAnnotations(Object.keys(rest).length === 0 ? undefined : rest)
  const recipe = annotations === undefined ? DATA : { ...DATA, annotations }
  const stored = store(value, { shared: true, path: ['data'] })
  assertSendable(stored, () => 'scatter: the data', 'split it into several values')
  const params = [stored]
  if (key !== undefined) return { recipe, params, reads: [], key, isNamed: false }
  if (!pure) return { recipe, params, reads: [], key: `data-${unique()}`, isNamed: false }
  return { recipe, params, reads: [], key: `data-${tokenize(...params)}`, isNamed: true }
}

function storeArgument(value: unknown, fn: CapturedFunction, i: number): StoredValue {
  try {
    return store(value, { shared: true })
  } catch (error) {
    if (!(error instanceof NotPortableError)) throw error
    const inside = error.path[0] === 'value' ? error.path.slice(1) : error.path
    throw new NotPortableError([fn.name || 'task', `argument ${i + 1}`, ...inside], error.reason)
  }
}

/** Fails for a future whose result nobody keeps, as far as is known here. */
function assertKept(read: RemoteValue, fn: CapturedFunction, i: number): void {
  if (!(read instanceof Future)) return
  const { isReleased, status } = (read as Future<unknown>)[futureTarget]
  if (!isReleased && status !== 'cancelled') return
  const why = status === 'cancelled' ? 'cancelled' : 'released'
  throw new CancelledError(
    `${fn.name || 'task'}: argument ${i + 1} is or holds the future '${read.key}', which was ${why}: its result is not kept any more; submit its call again`,
  )
}

/** A collection stands where a value should. */
class CollectionFound extends Error {}

/** Whether a value is a future; fails for a collection, which is nothing that a task could read. */
function isRemote(value: object): value is RemoteValue {
  if (value instanceof RemoteValue) return true
  if (isComputable(value)) throw new CollectionFound()
  return false
}

/** The same for an argument, which the error names. */
function checked<T>(fn: CapturedFunction, i: number, take: () => T): T {
  try {
    return take()
  } catch (error) {
    if (!(error instanceof CollectionFound)) throw error
    throw new TypeError(
      `${fn.name || 'task'}: argument ${i + 1} is or holds a collection; hand over client.compute(collection), the future of its value`,
    )
  }
}

/** The recipe of calls of one form: `v` a value, `f` a future, `p3` a value with three futures in it. */
function recipeOf(
  fn: CapturedFunction,
  form: readonly string[],
  annotations: Annotations | undefined,
): Recipe {
  let known = recipes.get(fn.fn)
  if (known?.token !== fn.token)
    recipes.set(fn.fn, (known = { token: fn.token, byForm: new Map() }))
  const text = form.join() + (annotations === undefined ? '' : JSON.stringify(annotations))
  let recipe = known.byForm.get(text)
  if (recipe === undefined) known.byForm.set(text, (recipe = buildRecipe(fn, form, annotations)))
  return recipe
}

function buildRecipe(
  fn: CapturedFunction,
  form: readonly string[],
  annotations: Annotations | undefined,
): Recipe {
  const steps: Recipe['steps'][number][] = []
  let inputs = 0
  let params = 0
  const args: Arg[] = form.map((part) => {
    if (part === 'f') return arg.input(inputs++)
    if (part === 'v') return arg.param(params++)
    const count = Number(part.slice(1))
    const filled = [arg.param(params++), arg.param(params++)]
    for (let i = 0; i < count; i++) filled.push(arg.input(inputs++))
    steps.push({ fn: insertValues, args: filled })
    return arg.step(steps.length - 1)
  })
  steps.push({ fn, args })
  return { steps, inputs, params, annotations }
}
