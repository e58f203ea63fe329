/**
 * Chains: what a partition's stream does to each item, as a list of operations that grows by
 * appending and is shared by all partitions.
 *
 * Appending the same operation with the same function to the same chain gives the same node, so a
 * chain is compiled once a thread however many partitions run through it. A node is kept alive by
 * its functions only: drop them and it goes.
 */

/** What an operation does with an item; those from `collect` on end a chain. */
export type OpKind =
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
  | 'key'
  | 'keyPluck'
  | 'collect'
  | 'add'
  | 'addKeyed'
  | 'fold'
  | 'foldFrom'
  | 'foldBy'
  | 'countBy'

/**
 * One operation. `fn` is the user's function, if there is one. `detail` is what else the code
 * depends on: the field of a `pluck`, the method of a `string`, and for functions of several
 * arguments one letter an argument: `b` for the next item of another bag, `v` for a fixed value.
 */
export interface Op {
  readonly kind: OpKind
  readonly fn?: Function | undefined
  readonly detail?: string | undefined
}

/** Texts that users choose (fields) could be without number, so what is kept of them has an end. */
const MOST_CHILDREN_BY_TEXT = 512

/** A chain, named by its last operation. */
export class Chain {
  readonly before: Chain | undefined
  readonly op: Op | undefined
  readonly length: number
  /** Whether a function of this chain is known to give promises. */
  asynchronous: boolean
  /** What a compiler made of the chain; see `program.ts`. */
  compiled: unknown
  private byFunction: WeakMap<Function, Map<string, Chain>> | undefined
  private byText: Map<string, Chain> | undefined

  constructor(before: Chain | undefined, op: Op | undefined) {
    this.before = before
    this.op = op
    this.length = before === undefined ? 0 : before.length + 1
    this.asynchronous = before?.asynchronous === true || isAsyncFunction(op?.fn)
  }

  /** This chain with one more operation. */
  append(op: Op): Chain {
    const text = op.detail === undefined ? op.kind : `${op.kind} ${op.detail}`
    let children: Map<string, Chain>
    if (op.fn === undefined) {
      this.byText ??= new Map()
      children = this.byText
      if (children.size >= MOST_CHILDREN_BY_TEXT) children.clear()
    } else {
      this.byFunction ??= new WeakMap()
      let found = this.byFunction.get(op.fn)
      if (found === undefined) this.byFunction.set(op.fn, (found = new Map()))
      children = found
    }
    let child = children.get(text)
    if (child === undefined) children.set(text, (child = new Chain(this, op)))
    return child
  }

  /** The operations, first to last. */
  operations(): Op[] {
    const ops = new Array<Op>(this.length)
    for (let chain: Chain = this; chain.before !== undefined; chain = chain.before) {
      ops[chain.length - 1] = chain.op!
    }
    return ops
  }
}

/** The chain that does nothing, from which all others grow. */
export const emptyChain = new Chain(undefined, undefined)

/** Whether a function was declared `async`. */
export function isAsyncFunction(fn: Function | undefined): boolean {
  return fn?.constructor?.name === 'AsyncFunction'
}
