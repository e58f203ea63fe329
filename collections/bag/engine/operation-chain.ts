/**
 * Chains of operations: what a partition's stream does with each item, as a linked list that grows at
 * its end and is shared by all partitions.
 *
 * Appending the same operation with the same function to the same chain returns the same object, so a
 * thread compiles a chain once, however many partitions run through it. A function is referenced
 * weakly: when it is collected, the chains that use it are collected too.
 */

/** The kinds of operations that make items of items, or a key of an item. */
export type TransformKind =
  | 'map'
  | 'starmap'
  | 'filter'
  | 'remove'
  | 'accept'
  | 'pluck'
  | 'pluckAll'
  | 'flatten'
  | 'string'
  | 'scan'
  | 'join'
  | 'key'
  | 'keyPluck'

/** The kinds of operations that end a chain: they put items into a state. */
export type EndingKind = 'collect' | 'add' | 'addKeyed' | 'fold' | 'foldFrom' | 'foldBy' | 'countBy'

/** One operation on an item. */
export interface ChainOperation<Kind = TransformKind | EndingKind> {
  readonly kind: Kind
  /** The user's function, if there is one. An `addKeyed` does not call it: it is what will fold the items of each key. */
  readonly fn?: Function | undefined
  /**
   * What else the generated code depends on: the field of a `pluck`, the method of a `string`; for a
   * function with extra arguments one letter for each of them, `b` for the next item of another bag
   * and `v` for a fixed value. An `x` among the letters is where a `map` passes the item, else it comes first.
   * A `foldBy` with an initial value has `initial`, an `add` that does not look at items `nothing`.
   */
  readonly detail?: string | undefined
}

/** Users choose the fields of `pluck`, so the number of cached chains without a function is bounded. */
const MOST_CHAINS_WITHOUT_FUNCTION = 512

/** A chain, represented by its last operation. */
export class OperationChain {
  readonly previous: OperationChain | undefined
  readonly operation: ChainOperation | undefined
  readonly length: number
  /** Whether a function of this chain is known to return promises. */
  asynchronous: boolean
  /** The compiled chain; see `chain-program.ts`. */
  compiled: unknown
  private byFunction: WeakMap<Function, Map<string, OperationChain>> | undefined
  private withoutFunction: Map<string, OperationChain> | undefined

  constructor(previous: OperationChain | undefined, operation: ChainOperation | undefined) {
    this.previous = previous
    this.operation = operation
    this.length = previous === undefined ? 0 : previous.length + 1
    this.asynchronous = previous?.asynchronous === true || isAsyncFunction(operation?.fn)
  }

  /** Returns this chain with one more operation at its end. */
  append(operation: ChainOperation): OperationChain {
    const { kind, fn, detail } = operation
    const name = detail === undefined ? kind : `${kind} ${detail}`
    let longer: Map<string, OperationChain>
    if (fn === undefined) {
      this.withoutFunction ??= new Map()
      longer = this.withoutFunction
      if (longer.size >= MOST_CHAINS_WITHOUT_FUNCTION) longer.clear()
    } else {
      this.byFunction ??= new WeakMap()
      let found = this.byFunction.get(fn)
      if (found === undefined) this.byFunction.set(fn, (found = new Map()))
      longer = found
    }
    let chain = longer.get(name)
    if (chain === undefined) longer.set(name, (chain = new OperationChain(this, operation)))
    return chain
  }

  /** Returns the operations, first to last. */
  operations(): ChainOperation[] {
    const operations = new Array<ChainOperation>(this.length)
    for (let chain: OperationChain = this; chain.previous !== undefined; chain = chain.previous) {
      operations[chain.length - 1] = chain.operation!
    }
    return operations
  }
}

/** The chain without operations, from which all others grow. */
export const emptyChain = new OperationChain(undefined, undefined)

function isAsyncFunction(fn: Function | undefined): boolean {
  return fn?.constructor?.name === 'AsyncFunction'
}
