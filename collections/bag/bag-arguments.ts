/**
 * Checks the arguments of single methods of `Bag` and turns them into what the layers take. Every check
 * throws when the method is called.
 */

import { checkOptions } from '../../core/base/argument-checks.js'
import { describeValue } from '../../core/base/describe-value.js'
import { hasPlainPrototype } from '../../core/functions/engine/own-prototypes.js'
import type { ComputeOptions } from '../../core/graph/get.js'
import { type Arg, arg } from '../../core/graph/recipe.js'
import { deepCopy } from '../../core/graph/serialized-params.js'
import { checkSplitEvery, checkWholeNumber, isArrayIndex } from '../base/argument-checks.js'
import { functionArg, keyArg, optionalKeyArg } from '../base/step-arguments.js'
import type { SplitOptions } from './item-types.js'
import type { FieldName } from './layers/elementwise-layers.js'
import type { FoldbyFunctions } from './layers/grouping-layers.js'
import type { JoinPlan } from './layers/join-layers.js'
import type { FoldFunctions, ReductionFunctions } from './layers/reduction-layers.js'
import type { JoinKind } from './steps/join-steps.js'

/** The options of `fold`. `splitEvery` is the number of totals that one task joins, 8 by default. */
export interface FoldOptions<A> extends SplitOptions {
  /**
   * Joins two totals. With it, partitions are folded in parallel. Without it, but with `initial`, they are
   * folded one after another; without both, `binop` joins totals. A function or an expression.
   */
  readonly combine?: ((a: A, b: A) => A | Promise<A>) | string | undefined
  /**
   * The total that folding starts from, and the result if there are no items. With `combine`, every
   * partition that has items starts from it. Without it, a fold starts from the first item.
   */
  readonly initial?: A | undefined
}

/** The options of `foldby`. `splitEvery` is the number of totals that one task joins, 8 by default. */
export interface FoldbyOptions<A> extends FoldOptions<A> {
  /** The total that `combine` starts from, once for each group. `splitEvery` is then `false` by default. */
  readonly combineInitial?: A | undefined
}

/** Checks the options of a reduction and returns its fan-in. */
export function fanInOf(
  options: SplitOptions,
  operation: string,
  otherNames: readonly string[] = [],
): number {
  checkOptions(options, ['splitEvery', ...otherNames], operation)
  return checkSplitEvery(options.splitEvery, operation)
}

/** Returns the field or the list of fields that `pluck` selects. */
export function checkFields(field: unknown): FieldName | readonly FieldName[] {
  const isField = (name: unknown): name is FieldName => {
    return typeof name === 'string' || isArrayIndex(name)
  }
  if (Array.isArray(field) && field.every(isField)) return [...field]
  if (isField(field)) return field
  throw new TypeError(
    `pluck: the field must be a name, an index of an array, or a list of these, got ${describeValue(field)}`,
  )
}

const reactions: readonly unknown[] = ['raise', 'skip', 'collect']

/**
 * Returns the option `onError`, if it is the only argument after the function.
 *
 * @throws RangeError if it is none of its values.
 */
export function guardOf(
  operation: string,
  args: readonly unknown[],
): 'raise' | 'skip' | 'collect' | undefined {
  if (args.length !== 1 || !onlyOption(args[0], 'onError')) return undefined
  const { onError } = args[0]
  if (reactions.includes(onError)) return onError as 'raise' | 'skip' | 'collect'
  throw new RangeError(
    `${operation}: onError must be 'raise', 'skip' or 'collect', got ${describeValue(onError)}`,
  )
}

/** The option of `pluck`: what replaces a field that is missing or undefined. */
export interface PluckOptions<D> {
  /** The value of a field that is missing or undefined. Any value. */
  readonly default: D
}

/** Whether a value is a plain object that has one property, of this name. */
export function onlyOption<Name extends string>(
  value: unknown,
  name: Name,
): value is { readonly [N in Name]: unknown } {
  if (!isPlainObject(value)) return false
  const names = Object.keys(value)
  return names.length === 1 && names[0] === name
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  return Object.getPrototypeOf(value) === null || hasPlainPrototype(value)
}

/** Returns the value for missing fields that the arguments of `pluck` after the field give. */
export function pluckFallback(rest: readonly unknown[]): { readonly value: unknown } | undefined {
  if (rest.length === 0) return undefined
  const [fallback] = rest
  return { value: onlyOption(fallback, 'default') ? fallback.default : fallback }
}

/** The options of `sort`. */
export interface BagSortOptions {
  /** Whether the greatest item comes first. False by default. */
  readonly descending?: boolean | undefined
  /** The number of partitions of the result. That of the bag by default. */
  readonly npartitions?: number | undefined
}

/** Returns the keys of two bags: the same for both unless the other one's is given, the items themselves without any. */
export function setKeys(
  operation: string,
  key: unknown,
  otherKey: unknown,
): [own: Arg, other: Arg] {
  const other = otherKey === undefined ? key : otherKey
  return [optionalKeyArg(key, operation, 'key'), optionalKeyArg(other, operation, 'otherKey')]
}

/** Returns the key and the other options that `topk`, `distinct` and `sort` receive, in either spelling. */
export function keyArguments<O extends object = SplitOptions>(
  operation: 'topk' | 'distinct' | 'sort',
  keyOrOptions: unknown,
  options: O | undefined,
  names: readonly string[] = ['splitEvery'],
): { readonly key: unknown; readonly options: O } {
  if (!isPlainObject(keyOrOptions)) return { key: keyOrOptions, options: options ?? ({} as O) }
  if (options !== undefined) {
    throw new TypeError(
      `${operation}: give the options once, either after the key or with it: { ${['key', ...names].join(', ')} }`,
    )
  }
  checkOptions(keyOrOptions, ['key', ...names], operation)
  const { key, ...rest } = keyOrOptions
  return { key, options: rest as O }
}

/** The options of `distinct`. */
export interface DistinctOptions extends SplitOptions {
  /** The number of partitions of the result, to which items are sent by their keys. By default all are joined in one. */
  readonly npartitions?: number | undefined
}

/** Returns the number of partitions to which `distinct` sends items; undefined if they are joined in one. */
export function shuffleTarget({ npartitions, splitEvery }: DistinctOptions): number | undefined {
  if (npartitions === undefined) return undefined
  if (splitEvery !== undefined) {
    throw new TypeError('distinct: give either splitEvery or npartitions')
  }
  return checkWholeNumber(npartitions, 1, 'distinct', 'npartitions')
}

/** The options of `join`. */
export interface JoinOptions<How extends JoinKind = JoinKind> {
  /**
   * Which items are joined. `'inner'`, the default: pairs with equal keys. `'left'`, `'right'`, `'outer'`: also the items
   * of this bag, of the other, or of both that have no match, each with undefined in its place. `'semi'`: the items of
   * this bag that have a match, by themselves; `'anti'`: those that have none.
   */
  readonly how?: How | undefined
  /** Whether every task reads the whole other side. By default only if that is small. */
  readonly broadcast?: boolean | undefined
  /** The number of partitions of the result, if both sides are shuffled. That of this bag by default. */
  readonly npartitions?: number | undefined
}

const joinKinds: readonly unknown[] = ['inner', 'left', 'right', 'outer', 'semi', 'anti']

/** Checks the arguments of `join` after `onSelf`, and returns the key of the others and the plan. */
export function joinArguments(
  onSelf: unknown,
  onOther: unknown,
  options: unknown,
  ownPartitions: number,
): { readonly otherKey: Arg; readonly plan: JoinPlan } {
  const isOptions = options === undefined && isPlainObject(onOther)
  const given = isOptions ? onOther : options
  checkOptions(given, ['how', 'broadcast', 'npartitions'], 'join')
  const { how = 'inner', broadcast, npartitions = ownPartitions } = (given ?? {}) as JoinOptions
  if (!joinKinds.includes(how)) {
    throw new TypeError(
      `join: how must be one of ${joinKinds.map((kind) => `'${kind}'`).join(', ')}, got ${describeValue(how)}`,
    )
  }
  if (broadcast !== undefined && typeof broadcast !== 'boolean') {
    throw new TypeError(`join: broadcast must be true or false, got ${describeValue(broadcast)}`)
  }
  if (broadcast === true && (how === 'right' || how === 'outer')) {
    throw new TypeError(
      `join: the sides of a join with how '${how}' are always shuffled; leave broadcast out`,
    )
  }
  checkWholeNumber(npartitions, 1, 'join', 'npartitions')
  const key = isOptions ? undefined : onOther
  const otherKey = keyArg(key === undefined ? onSelf : key, 'join', 'onOther')
  return { otherKey, plan: { how, broadcast, npartitions } }
}

/** Without `combine`, `aggregate` gets all values at once, unless the user says otherwise. */
export function withWholeAggregate<O extends SplitOptions & { readonly combine?: unknown }>(
  options: O,
): O {
  const isTree = options?.combine !== undefined || options?.splitEvery !== undefined
  return isTree ? options : { ...options, splitEvery: false }
}

/** Checks the arguments of `randomSample` and returns the seed, undefined if there is none. */
export function checkSample(probability: number, seedOrOptions: unknown): number | undefined {
  if (!(probability >= 0 && probability <= 1)) {
    throw new RangeError(
      `randomSample: the probability must be a number from 0 to 1, got ${describeValue(probability)}`,
    )
  }
  let seed = seedOrOptions
  if (typeof seed === 'object' && seed !== null) {
    checkOptions(seed, ['seed'], 'randomSample')
    seed = (seed as { readonly seed?: unknown }).seed
  }
  return seed === undefined ? undefined : checkSeedOf('randomSample', seed)
}

/** Returns a seed that differs from call to call. */
export function randomSeed(): number {
  return Math.floor(Math.random() * 2 ** 31)
}

/** Returns a seed if it is a whole number. Throws a RangeError otherwise. */
export function checkSeedOf(operation: string, seed: unknown): number {
  if (Number.isSafeInteger(seed)) return seed as number
  throw new RangeError(`${operation}: the seed must be a whole number, got ${describeValue(seed)}`)
}

/** Captures the functions of `reduction`. */
export function reductionFunctions(
  perpartition: unknown,
  aggregate: unknown,
  combine: unknown = aggregate,
): ReductionFunctions {
  return {
    perpartition: functionArg(perpartition, 'reduction', 'perpartition'),
    aggregate: functionArg(aggregate, 'reduction', 'aggregate'),
    combine: functionArg(combine, 'reduction', 'combine'),
  }
}

/** What a fold is made of, besides its function. */
interface FoldArguments {
  readonly initial?: unknown
  readonly combine?: unknown
  readonly combineInitial?: unknown
  readonly splitEvery?: number | false | undefined
}

/** Captures the functions of `fold`. */
export function foldFunctions(binop: unknown, { combine, initial }: FoldArguments): FoldFunctions {
  return {
    binop: functionArg(binop, 'fold', 'binop'),
    combine: combine === undefined ? undefined : functionArg(combine, 'fold', 'combine'),
    initial: copiedInitial(initial, 'fold'),
  }
}

/** Captures the functions of `foldby`. */
export function foldbyFunctions(
  key: unknown,
  binop: unknown,
  { initial, combine, combineInitial }: FoldArguments,
): FoldbyFunctions {
  if (combineInitial !== undefined && combine === undefined && initial !== undefined) {
    throw new TypeError(
      'foldby: combineInitial is the total that combine starts from; give combine as well, or leave combineInitial out',
    )
  }
  return {
    key: keyArg(key, 'foldby', 'key'),
    binop: functionArg(binop, 'foldby', 'binop'),
    initial: copiedInitial(initial, 'foldby'),
    combine: combine === undefined ? undefined : functionArg(combine, 'foldby', 'combine'),
    combineInitial: arg.value(copiedInitial(combineInitial, 'foldby')),
  }
}

/** Copies an initial value. A function is refused: it was meant as `combine`, as in Dask's `fold`. */
function copiedInitial(
  initial: unknown,
  operation: 'fold' | 'foldby',
): { readonly value: unknown } | undefined {
  if (initial === undefined) return undefined
  if (typeof initial === 'function') {
    const usage =
      operation === 'fold'
        ? 'fold(binop, { initial, combine })'
        : 'foldby(key, binop, initial, combine)'
    throw new TypeError(
      `${operation}: the initial value cannot be a function, got ${describeValue(initial)}; to give combine write ${usage}`,
    )
  }
  return { value: deepCopy(initial, [operation, 'initial']) }
}

const foldOptionNames = ['combine', 'initial', 'splitEvery']
const foldbyOptionNames = ['combine', 'initial', 'combineInitial', 'splitEvery']

/** Names that a misspelt option of a fold may have, in lower case and without underscores. */
const misspeltNames = new Set([
  'init',
  'initialvalue',
  ...foldbyOptionNames.map((name) => name.toLowerCase()),
])

/** Returns what the arguments of `fold` after the function say; see `isFoldOptions`. */
export function foldArguments(second: unknown, options: unknown): FoldArguments {
  if (second === undefined && options === undefined) return {}
  if (options === undefined) {
    if (isFoldOptions(second, foldOptionNames, 'fold')) return second
    return { initial: second }
  }
  checkOptions(options, ['combine', 'splitEvery'], 'fold')
  assertNoOptions(second, foldOptionNames, 'fold(binop, { initial, combine, splitEvery })')
  return { ...(options as FoldArguments), initial: second }
}

/** Returns what the arguments of `foldby` after the function say; see `isFoldOptions`. */
export function foldbyArguments(
  initial: unknown,
  combine: unknown,
  combineInitial: unknown,
  options: unknown,
): FoldArguments {
  if (combine === undefined && combineInitial === undefined && options === undefined) {
    if (isFoldOptions(initial, foldbyOptionNames, 'foldby')) return withSplitEvery(initial)
    return { initial }
  }
  checkOptions(options, ['splitEvery'], 'foldby')
  const usage = 'foldby(key, binop, { initial, combine, combineInitial, splitEvery })'
  assertNoOptions(initial, foldbyOptionNames, usage)
  return withSplitEvery({ ...(options as SplitOptions), initial, combine, combineInitial })
}

/** With an initial value for `combine`, all totals are joined at once unless the user says otherwise. */
function withSplitEvery(fold: FoldArguments): FoldArguments {
  if (fold.splitEvery !== undefined || fold.combineInitial === undefined) return fold
  return { ...fold, splitEvery: false }
}

/**
 * Whether the argument after the function of a fold is options rather than an initial value: a plain
 * object that has the name of an option. It must then have no others.
 *
 * @throws TypeError for an object with other names too, and for one whose names are misspelt options.
 */
function isFoldOptions(
  value: unknown,
  names: readonly string[],
  operation: 'fold' | 'foldby',
): value is FoldArguments {
  if (typeof value !== 'object' || value === null) return false
  if (!hasPlainPrototype(value)) return false
  const given = Object.keys(value)
  const isMisspelt = (name: string): boolean => {
    return misspeltNames.has(name.toLowerCase().replaceAll('_', ''))
  }
  const hasOption = given.some((name) => names.includes(name))
  if (!hasOption && !(given.length > 0 && given.every(isMisspelt))) return false
  const other = given.find((name) => !names.includes(name))
  if (other === undefined) return true
  throw new TypeError(
    `${operation}: there is no option '${other}'; the options are ${names.join(', ')}. If { ${given.join(', ')} } is the initial value, give it as { initial: ... }`,
  )
}

/** Refuses an initial value that looks like options where options are given in another argument. */
function assertNoOptions(value: unknown, names: readonly string[], usage: string): void {
  if (typeof value !== 'object' || value === null) return
  if (!hasPlainPrototype(value)) return
  const given = Object.keys(value)
  if (given.length === 0 || !given.every((name) => names.includes(name))) return
  const operation = usage.slice(0, usage.indexOf('('))
  throw new TypeError(
    `${operation}: { ${given.join(', ')} } looks like options, but other arguments follow it; write ${usage}, and if it is the initial value, { initial: { ${given.join(', ')} } }`,
  )
}

/** Returns the option of `repartition` that is set. Throws a TypeError unless exactly one is. */
export function repartitionTarget(
  options:
    | { readonly npartitions?: number; readonly partitionSize?: number; readonly by?: unknown }
    | undefined,
): { npartitions: number; by: Arg | undefined } | { partitionSize: number } {
  checkOptions(options, ['npartitions', 'partitionSize', 'by'], 'repartition')
  const { npartitions, partitionSize, by } = options ?? {}
  if ((npartitions === undefined) === (partitionSize === undefined)) {
    throw new TypeError('repartition: give either npartitions or partitionSize')
  }
  if (by !== undefined && partitionSize !== undefined) {
    throw new TypeError(
      'repartition: give npartitions with by; partitions by key have any number of items',
    )
  }
  const key = by === undefined ? undefined : keyArg(by, 'repartition', 'by')
  return partitionSize === undefined
    ? { npartitions: checkWholeNumber(npartitions, 1, 'repartition', 'npartitions'), by: key }
    : { partitionSize: checkWholeNumber(partitionSize, 1, 'repartition', 'partitionSize') }
}

/** The options of `take`. */
export type TakeOptions = {
  readonly npartitions?: number
  readonly compute?: boolean
} & ComputeOptions

/** Returns what `take` takes: `npartitions` of -1 is all `available` ones. */
export function takeArguments(
  k: number,
  options: TakeOptions,
  available: number,
): { k: number; npartitions: number; compute: boolean; computeOptions: ComputeOptions } {
  checkOptions(options, ['npartitions', 'compute', 'get', 'signal', 'onProgress'], 'take')
  const { npartitions = 1, compute = true, ...computeOptions } = options
  checkWholeNumber(k, 0, 'take', 'k')
  if (npartitions === -1) return { k, npartitions: available, compute, computeOptions }
  checkWholeNumber(npartitions, 1, 'take', 'npartitions')
  if (npartitions > available) {
    throw new RangeError(
      `take: the bag has ${available} partitions, but npartitions is ${npartitions}; use -1 for all of them`,
    )
  }
  return { k, npartitions, compute, computeOptions }
}
