/**
 * One call of a function on the cluster: the recipe of its task, the futures that it reads, and its
 * key. A future may be an argument itself, or be nested in lists and plain objects.
 */

import { CancelledError, NotPortableError } from '../../../core/base/errors.js'
import { type CapturedFunction, capture } from '../../../core/capture.js'
import { hashWithSecret } from '../../../core/codec/bytes/memory-hash.js'
import { expressionFunction } from '../../../core/expressions/expression.js'
import { assertAnnotations, withScopeAnnotations } from '../../../core/graph/annotate.js'
import { isComputable } from '../../../core/graph/collection-interface.js'
import { extractLazyValues, insertValues } from '../../../core/graph/nested-values.js'
import { type Annotations, type Arg, arg, DATA, type Recipe } from '../../../core/graph/recipe.js'
import { RemoteValue } from '../../../core/graph/remote-value.js'
import { isEncoded, type StoredValue, store } from '../../../core/graph/stored-value.js'
import { tokenize } from '../../../core/graph/tokenize.js'
import { assertSendable } from '../../protocol/sendable.js'
import { Future, futureResult } from './future.js'

/** A call, ready to be submitted as a task. */
export interface ClusterCall {
  readonly recipe: Recipe
  readonly params: readonly StoredValue[]
  readonly reads: readonly RemoteValue[]
  readonly key: string
  /** Whether the key is made from the content. */
  readonly isContentNamed: boolean
}

/** Options of `client.submitWith`, `client.map` and `client.scatter`: the name and purity of a call, and annotations of its task. */
export interface CallOptions extends Annotations {
  /** Whether equal calls are one task, computed once. By default true. */
  readonly pure?: boolean | undefined
  /** The key, instead of one made from the function and its arguments. */
  readonly key?: string | undefined
}

/** Options of `client.scatter`. */
export interface ScatterOptions extends CallOptions {
  /** Whether copies are sent to all workers. By default false. */
  readonly broadcast?: boolean | undefined
}

/** Throws TypeError or RangeError unless `options` are valid options of a call. */
export function assertCallOptions(options: unknown, what: string): asserts options is CallOptions {
  assertAnnotations(options, what, ['pure', 'key'])
  const { pure, key } = options as CallOptions
  if (pure !== undefined && typeof pure !== 'boolean')
    throw new TypeError(`${what}: pure is true or false, got ${typeof pure}`)
  if (key !== undefined && (typeof key !== 'string' || key === ''))
    throw new TypeError(`${what}: key is a string, got ${key === '' ? 'an empty one' : typeof key}`)
}

/** The recipes of the calls of a function by form, valid while its captured variables are the same. */
interface FunctionRecipes {
  readonly token: string
  readonly byForm: Map<string, Recipe>
}

const recipes = new WeakMap<Function, FunctionRecipes>()

/** Captures the function of a call, or the function of an expression such as `'x + y'`. */
export function captureCallable(fn: unknown, what: string): CapturedFunction {
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
 * Makes a call of a function with arguments.
 *
 * @throws NotPortableError, with the path to it, for an argument that cannot be sent; CancelledError
 *   for a future that was released or cancelled.
 */
export function makeCall(
  fn: CapturedFunction,
  args: readonly unknown[],
  options: CallOptions,
  names: CallNames,
): ClusterCall {
  const { pure = true, key, ...rest } = options
  const { params, reads, form } = encodeArguments(fn, args)
  const recipe = recipeOf(fn, form, readAnnotations(rest))
  const name = fn.name || 'task'
  if (key !== undefined) return { recipe, params, reads, key, isContentNamed: false }
  if (!pure)
    return { recipe, params, reads, key: `${name}-${names.uniqueSuffix()}`, isContentNamed: false }
  const readKeys = reads.map(({ key, run, place }) => [key, run, place])
  const content = params.map((param) => contentOf(param, names))
  const token = tokenize(fn.token, form, content, readKeys)
  return { recipe, params, reads, key: `${name}-${token}`, isContentNamed: true }
}

/** Makes the task of a value that is put on the cluster as it is. */
export function makeData(value: unknown, options: CallOptions, names: CallNames): ClusterCall {
  const { pure = true, key, ...rest } = options
  const annotations = readAnnotations(rest)
  const recipe = annotations === undefined ? DATA : { ...DATA, annotations }
  const stored = store(value, { shared: true, path: ['data'] })
  assertSendable(stored, () => 'scatter: the data', 'split it into several values')
  const call = { recipe, params: [stored], reads: [] }
  if (key !== undefined) return { ...call, key, isContentNamed: false }
  if (!pure) return { ...call, key: `data-${names.uniqueSuffix()}`, isContentNamed: false }
  return { ...call, key: `data-${tokenize(contentOf(stored, names))}`, isContentNamed: true }
}

/** What keys are made of that the content of a call does not determine. */
export interface CallNames {
  /** The scheduler's random string; undefined before the first session. */
  readonly salt: string | undefined
  /** Returns a suffix for a key that is not made from content. */
  uniqueSuffix(): string
}

/** Buffers from this size on, in bytes, are hashed with the scheduler's random string, in a quarter of the time. */
const largeBuffer = 1 << 20

/** Returns what a stored value contributes to a key: its bytes, with hashes in place of large buffers. */
function contentOf(stored: StoredValue, { salt }: CallNames): unknown {
  if (!isEncoded(stored) || salt === undefined) return stored
  if (!stored.buffers.some((buffer) => buffer.byteLength >= largeBuffer)) return stored
  const buffers = stored.buffers.map((buffer) =>
    buffer.byteLength < largeBuffer ? buffer : hashWithSecret(buffer, salt),
  )
  return { ...stored, buffers }
}

function readAnnotations(annotations: Annotations): Annotations | undefined {
  return withScopeAnnotations(Object.keys(annotations).length === 0 ? undefined : annotations)
}

interface EncodedArguments {
  readonly params: readonly StoredValue[]
  readonly reads: readonly RemoteValue[]
  /** For each argument its form: see `recipeOf`. */
  readonly form: readonly string[]
}

function encodeArguments(fn: CapturedFunction, args: readonly unknown[]): EncodedArguments {
  const params: StoredValue[] = []
  const reads: RemoteValue[] = []
  const form: string[] = []
  args.forEach((value, i) => {
    if (value instanceof RemoteValue) {
      assertHeld(value, fn, i)
      reads.push(value)
      form.push('f')
      return
    }
    const readBefore = reads.length
    const { plain, paths } = rethrowCollection(fn, i, () => {
      if (typeof value === 'object' && value !== null) isRemote(value)
      return extractLazyValues(value, isRemote, reads)
    })
    for (const read of reads.slice(readBefore)) assertHeld(read, fn, i)
    const stored = storeArgument(plain, fn, i)
    assertSendable(stored, () => `${fn.name || 'task'}: argument ${i + 1}`, 'split it into several')
    params.push(stored)
    if (paths.length > 0) params.push(store(paths))
    form.push(paths.length === 0 ? 'v' : `p${paths.length}`)
  })
  return { params, reads, form }
}

/** Stores an argument; the path of an error begins with the function and the argument. */
function storeArgument(value: unknown, fn: CapturedFunction, i: number): StoredValue {
  try {
    return store(value, { shared: true })
  } catch (error) {
    if (!(error instanceof NotPortableError)) throw error
    const inside = error.path[0] === 'value' ? error.path.slice(1) : error.path
    throw new NotPortableError([fn.name || 'task', `argument ${i + 1}`, ...inside], error.reason)
  }
}

/** Throws CancelledError for a future of this client whose result is not kept any more. */
function assertHeld(read: RemoteValue, fn: CapturedFunction, i: number): void {
  if (!(read instanceof Future)) return
  const { isReleased, status } = (read as Future<unknown>)[futureResult]
  if (!isReleased && status !== 'cancelled') return
  const why = status === 'cancelled' ? 'cancelled' : 'released'
  throw new CancelledError(
    `${fn.name || 'task'}: argument ${i + 1} is or holds the future '${read.key}', which was ${why}: its result is not kept any more; submit its call again`,
  )
}

/** A collection was found where a value is expected. */
class CollectionFound extends Error {}

/** Whether a value is a future. Throws CollectionFound for a collection, which a task cannot read. */
function isRemote(value: object): value is RemoteValue {
  if (value instanceof RemoteValue) return true
  if (isComputable(value)) throw new CollectionFound()
  return false
}

/** Runs `body` and turns CollectionFound into a TypeError that names the argument. */
function rethrowCollection<T>(fn: CapturedFunction, i: number, body: () => T): T {
  try {
    return body()
  } catch (error) {
    if (!(error instanceof CollectionFound)) throw error
    throw new TypeError(
      `${fn.name || 'task'}: argument ${i + 1} is or holds a collection; pass client.compute(collection), the future of its value`,
    )
  }
}

/**
 * Returns the recipe of calls of one form. The form has one string for each argument: `v` for a value,
 * `f` for a future, `p3` for a value with three futures in it.
 */
function recipeOf(
  fn: CapturedFunction,
  form: readonly string[],
  annotations: Annotations | undefined,
): Recipe {
  let known = recipes.get(fn.fn)
  if (known?.token !== fn.token)
    recipes.set(fn.fn, (known = { token: fn.token, byForm: new Map() }))
  const id = form.join() + (annotations === undefined ? '' : JSON.stringify(annotations))
  let recipe = known.byForm.get(id)
  if (recipe === undefined) known.byForm.set(id, (recipe = buildRecipe(fn, form, annotations)))
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
