/**
 * Checks the arguments of single methods of `Bag` and turns them into what the layers take. Every check
 * throws when the method is called.
 */
import type { ComputeOptions } from '../../core/graph/get.js'
import { arg } from '../../core/graph/recipe.js'
import {
  checkOptions,
  checkSplitEvery,
  checkWholeNumber,
  isArrayIndex,
} from '../base/argument-checks.js'
import { describeValue } from '../base/describe-value.js'
import { functionArg, initialArg, keyArg } from '../base/step-arguments.js'
import type { SplitOptions } from './item-types.js'
import type { FieldName } from './layers/elementwise-layers.js'
import type { FoldbyFunctions } from './layers/grouping-layers.js'
import type { FoldFunctions, ReductionFunctions } from './layers/reduction-layers.js'

/** The options of `fold`. */
export interface FoldOptions<A> extends SplitOptions {
  /** Joins two totals. The folding function itself by default. */
  readonly combine?: ((a: A, b: A) => A | Promise<A>) | string | undefined
  /** The first total of every partition that has items, and the result if none has. */
  readonly initial?: A | undefined
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

/** Checks the arguments of `randomSample`. */
export function checkSample(probability: number, seed: number): void {
  if (!(probability >= 0 && probability <= 1)) {
    throw new RangeError(
      `randomSample: the probability must be a number from 0 to 1, got ${describeValue(probability)}`,
    )
  }
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(
      `randomSample: the seed must be a whole number, got ${describeValue(seed)}`,
    )
  }
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

/** Captures the functions of `fold`. */
export function foldFunctions(
  binop: unknown,
  { combine, initial }: { readonly combine?: unknown; readonly initial?: unknown },
): FoldFunctions {
  const isChecked = combine === undefined && initial !== undefined
  return {
    binop: functionArg(binop, 'fold', 'binop'),
    combine: functionArg(combine ?? binop, 'fold', combine === undefined ? 'binop' : 'combine'),
    initial: initialArg(initial),
    check: arg.value(isChecked ? { initial } : undefined),
  }
}

/** Captures the functions of `foldby`. */
export function foldbyFunctions(
  key: unknown,
  binop: unknown,
  initial: unknown,
  combine: unknown,
  combineInitial: unknown,
): FoldbyFunctions {
  const fold = functionArg(binop, 'foldby', 'binop')
  const isChecked = combine === undefined && initial !== undefined
  return {
    key: keyArg(key, 'foldby', 'key'),
    binop: fold,
    initial: initialArg(initial),
    combine: combine === undefined ? fold : functionArg(combine, 'foldby', 'combine'),
    combineInitial: initialArg(combineInitial),
    check: arg.value(isChecked ? { initial } : undefined),
  }
}

const foldOptionNames = ['combine', 'initial', 'splitEvery']

/** Names that a misspelt option of `fold` may have, in lower case and without underscores. */
const misspeltNames = new Set([
  'init',
  'initialvalue',
  ...foldOptionNames.map((name) => name.toLowerCase()),
])

/**
 * Returns the options that the second argument of `fold` gives: an object with the name of an option is
 * options, any other value is the initial value.
 *
 * @throws TypeError for an object all of whose names look like misspelt options.
 */
export function foldOptions(value: unknown): {
  combine?: unknown
  initial?: unknown
  splitEvery?: number | false
} {
  if (value === undefined) return {}
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { initial: value }
  const names = Object.keys(value)
  if (Object.getPrototypeOf(value) !== Object.prototype) return { initial: value }
  if (names.some((name) => foldOptionNames.includes(name))) {
    checkOptions(value, foldOptionNames, 'fold')
    return value
  }
  const isMisspelt = (name: string): boolean => {
    return misspeltNames.has(name.toLowerCase().replaceAll('_', ''))
  }
  if (names.length > 0 && names.every(isMisspelt)) {
    throw new TypeError(
      `fold: there is no option '${names[0]}'; the options are ${foldOptionNames.join(', ')}. If { ${names.join(', ')} } is the initial value, give it as { initial: ... }`,
    )
  }
  return { initial: value }
}

/** Returns the option of `repartition` that is set. Throws a TypeError unless exactly one is. */
export function repartitionTarget(
  options: { readonly npartitions?: number; readonly partitionSize?: number } | undefined,
): { npartitions: number } | { partitionSize: number } {
  checkOptions(options, ['npartitions', 'partitionSize'], 'repartition')
  const { npartitions, partitionSize } = options ?? {}
  if ((npartitions === undefined) === (partitionSize === undefined)) {
    throw new TypeError('repartition: give either npartitions or partitionSize')
  }
  return partitionSize === undefined
    ? { npartitions: checkWholeNumber(npartitions, 1, 'repartition', 'npartitions') }
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
