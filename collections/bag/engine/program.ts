/**
 * Programs: a chain compiled to one loop over a batch of items.
 *
 * `map(f).filter(g)` that ends in a sum becomes
 *
 *     for (...) { const x1 = f0(batch[i]); if (!f1(x1)) break; state.add(x1) }
 *
 * so there is no array between the steps, and each loop has its own place for the engine to learn
 * which functions it calls. Very long chains are cut into segments, each a loop of its own, with one
 * batch between them. Every operation notes its number before it runs, so that an error can be
 * traced to it. There are two forms of each loop: the plain one throws `PromiseSeen` when a function
 * gives a promise, the asynchronous one waits for it.
 */
import type { Chain, Op } from './chain.js'
import {
  type FieldUser,
  flattenable,
  isInherited,
  missingField,
  notText,
  ownField,
  PromiseSeen,
  pluckAll,
  spreadable,
} from './item-operations.js'
import type { KeyTable } from './key-table.js'

/**
 * Sends a batch through a loop. `state` belongs to the operation that ends the chain; `extras` has
 * what operations need besides the item, by their number.
 */
export type Segment = (
  batch: readonly unknown[],
  state: unknown,
  extras: readonly unknown[],
) => void

/** A segment that waits for promises; it must be awaited before the next batch goes in. */
export type AsyncSegment = (
  batch: readonly unknown[],
  state: unknown,
  extras: readonly unknown[],
) => Promise<void>

/** The number of an operation in its chain, and what it threw. */
export class OperationFailure {
  readonly operation: number
  readonly cause: unknown
  constructor(operation: number, cause: unknown) {
    this.operation = operation
    this.cause = cause
  }
}

/** The state of a chain that ends in `fold` or `foldFrom`; `has` says whether there was an item. */
export interface FoldState {
  has: boolean
  total: unknown
}

/** The state of a chain that ends in `foldBy` or `countBy`; `start` gives a group's first total. */
export interface GroupState {
  readonly table: KeyTable<{ readonly key: unknown; total: unknown }>
  readonly start: (() => unknown) | undefined
}

/** The loops of one chain, each compiled when it is first used. */
export class Program {
  private readonly ops: readonly Op[]
  private sync: readonly Segment[] | undefined
  private async: readonly AsyncSegment[] | undefined

  constructor(chain: Chain) {
    this.ops = chain.operations()
  }

  /** Sends one batch through. */
  run(batch: readonly unknown[], state: unknown, extras: readonly unknown[]): void {
    const segments = (this.sync ??= compile(this.ops, false) as Segment[])
    let items = batch
    for (let i = 0; i < segments.length - 1; i++) {
      const next: unknown[] = []
      segments[i]!(items, next, extras)
      items = next
    }
    segments[segments.length - 1]!(items, state, extras)
  }

  /** Sends one batch through, waiting where functions give promises. */
  async runAsync(
    batch: readonly unknown[],
    state: unknown,
    extras: readonly unknown[],
  ): Promise<void> {
    const segments = (this.async ??= compile(this.ops, true) as AsyncSegment[])
    let items = batch
    for (let i = 0; i < segments.length - 1; i++) {
      const next: unknown[] = []
      await segments[i]!(items, next, extras)
      items = next
    }
    await segments[segments.length - 1]!(items, state, extras)
  }

  /** Whether a batch is an array of its own between loops: then it should be a small one. */
  get segmented(): boolean {
    return this.ops.length > SEGMENT_LENGTH
  }
}

/** The program of a chain that has an end (`collect`, `add`, `fold`, ...). */
export function programOf(chain: Chain): Program {
  return (chain.compiled ??= new Program(chain)) as Program
}

/** Long enough that cutting costs nothing, short enough that the engine still optimizes the loop. */
const SEGMENT_LENGTH = 64

const library = {
  OperationFailure,
  PromiseSeen,
  flattenable,
  missingField,
  notText,
  ownField,
  pluckAll,
  spreadable,
}

let compiled = 0

function compile(ops: readonly Op[], async: boolean): (Segment | AsyncSegment)[] {
  const segments: (Segment | AsyncSegment)[] = []
  for (let start = 0; start < ops.length; start += SEGMENT_LENGTH) {
    const end = Math.min(ops.length, start + SEGMENT_LENGTH)
    const functions = ops.slice(start, end).map((op) => op.fn)
    const source = new SegmentWriter(ops, start, end, async).write()
    // The number makes every source different, so that no two loops share what the engine learns.
    const text = `${source}\n//# sourceURL=skein-chain-${++compiled}`
    segments.push(new Function('library', 'functions', text)(library, functions))
  }
  return segments
}

/** Writes the JavaScript of operations `start` to `end` of a chain. */
class SegmentWriter {
  private readonly ops: readonly Op[]
  private readonly start: number
  private readonly end: number
  private readonly async: boolean
  private readonly prelude: string[] = []
  private readonly body: string[] = []
  private readonly closers: string[] = []
  private readonly postlude: string[] = []
  private item = 'x'
  private key = 'x'
  private exit = 'item'

  constructor(ops: readonly Op[], start: number, end: number, async: boolean) {
    this.ops = ops
    this.start = start
    this.end = end
    this.async = async
  }

  write(): string {
    for (let i = this.start; i < this.end; i++) this.operation(i, this.ops[i]!)
    if (this.end < this.ops.length) this.body.push(`state.push(${this.item})`)
    const names = Array.from({ length: this.end - this.start }, (_, i) => this.start + i)
    const functions = names
      .filter((i) => this.ops[i]!.fn !== undefined)
      .map((i) => `const f${i} = functions[${i - this.start}]`)
    return [
      "'use strict'",
      `const { ${Object.keys(library).join(', ')} } = library`,
      ...functions,
      `return ${this.async ? 'async ' : ''}function loop(batch, state, extras) {`,
      'let op = 0',
      'try {',
      ...this.prelude,
      'const n = batch.length',
      'for (let i = 0; i < n; i++) { const x = batch[i]; item: {',
      ...this.body,
      ...this.closers.reverse(),
      '} }',
      ...this.postlude,
      '} catch (error) { throw new OperationFailure(op, error) }',
      '}',
    ].join('\n')
  }

  private operation(i: number, op: Op): void {
    const { body, item } = this
    body.push(`op = ${i}`)
    const next = `x${i}`
    const assign = (code: string): void => {
      body.push(`const ${next} = ${code}`)
      this.item = next
    }
    switch (op.kind) {
      case 'map':
        this.result(next, `f${i}(${item}${this.extraArguments(i, op.detail)})`)
        this.item = next
        break
      case 'starmap':
        this.result(next, `f${i}(...${arrayOf(item)}${this.extraArguments(i, op.detail)})`)
        this.item = next
        break
      case 'filter':
      case 'remove':
        this.result(next, `f${i}(${item}${this.extraArguments(i, op.detail)})`)
        body.push(`if (${op.kind === 'filter' ? '!' : ''}${next}) break ${this.exit}`)
        break
      case 'accept':
        body.push(`if (!${this.extra(i)}.accepts(${item})) break ${this.exit}`)
        break
      case 'pluck':
        this.pluck(i, JSON.parse(op.detail!) as PluckDetail)
        break
      case 'pluckAll':
        assign(`pluckAll(${item}, ${this.extra(i)})`)
        break
      case 'string': {
        const { method, count } = JSON.parse(op.detail!) as StringDetail
        const args = Array.from({ length: count }, (_, a) => `${this.extra(i)}[${a}]`)
        body.push(`if (typeof ${item} !== 'string') throw notText(${item}, '${method}')`)
        assign(`${item}.${method}(${args.join(', ')})`)
        break
      }
      case 'scan': {
        const running = this.extra(i)
        body.push(`let ${next} = ${item}`, `if (${running}.has) {`)
        body.push(`${next} = f${i}(${running}.total, ${item})`, this.promiseCheck(next))
        body.push(`} else ${running}.has = true`, `${running}.total = ${next}`)
        this.item = next
        break
      }
      case 'flatten':
        body.push(`for (const ${next} of flattenable(${item})) { item${i}: {`)
        // The iterator's own errors are this operation's.
        this.closers.push(`} op = ${i} }`)
        this.item = next
        this.exit = `item${i}`
        break
      case 'key':
        this.result(`k${i}`, `f${i}(${item})`)
        this.key = `k${i}`
        break
      case 'keyPluck':
        body.push(`const k${i} = ${fieldCode(item, op.detail!)}`)
        body.push(`if (k${i} === undefined) missingField(${item}, ${op.detail!}, 'key')`)
        this.key = `k${i}`
        break
      default:
        this.ending(i, op)
    }
  }

  private ending(i: number, op: Op): void {
    const { body, item } = this
    const key = this.key === 'x' ? item : this.key
    switch (op.kind) {
      case 'collect':
        body.push(`state.push(${item})`)
        break
      case 'add':
        body.push(`state.add(${item})`)
        break
      case 'addKeyed':
        body.push(`state.add(${item}, ${key})`)
        break
      case 'fold':
        this.prelude.push('let has = state.has, total = state.total')
        body.push(
          'if (has) {',
          `total = f${i}(total, ${item})`,
          this.promiseCheck('total'),
          `} else { total = ${item}; has = true }`,
        )
        this.postlude.push('state.has = has; state.total = total')
        break
      case 'foldFrom':
        this.prelude.push('let total = state.total')
        body.push('state.has = true', `total = f${i}(total, ${item})`, this.promiseCheck('total'))
        this.postlude.push('state.total = total')
        break
      case 'countBy':
        this.cell(key)
        body.push('if (cell === undefined) table.insert(key, 1)', 'else cell.total++')
        break
      case 'foldBy':
        this.cell(key)
        this.prelude.push('const start = state.start')
        body.push(
          'if (cell === undefined) {',
          `if (start === undefined) { table.insert(key, ${item}); break ${this.exit} }`,
          'cell = table.insert(key, start())',
          '}',
          `let total = f${i}(cell.total, ${item})`,
          this.promiseCheck('total'),
          'cell.total = total',
        )
        break
      default:
        throw new Error(`Invariant broken: no code for operation '${op.kind}'`)
    }
  }

  /** Finds the group of a key: text and numbers at once, others by what they hold. */
  private cell(key: string): void {
    this.prelude.push('const table = state.table, simple = table.simple')
    this.body.push(
      `const key = ${key}`,
      "let cell = typeof key === 'object' && key !== null ? table.find(key) : simple.get(key)",
    )
  }

  private pluck(i: number, { field, fallback, user }: PluckDetail): void {
    const { body, item } = this
    const next = `x${i}`
    const name = JSON.stringify(field)
    body.push(`let ${next} = ${fieldCode(item, name)}`)
    const missing = fallback ? this.extra(i) : `missingField(${item}, ${name}, '${user}')`
    body.push(`if (${next} === undefined) ${next} = ${missing}`)
    this.item = next
  }

  /** A function's result, which may be a promise. */
  private result(name: string, call: string): void {
    this.body.push(`let ${name} = ${call}`, this.promiseCheck(name))
  }

  private promiseCheck(name: string): string {
    return this.async
      ? `if (${name} instanceof Promise) ${name} = await ${name}`
      : `if (${name} instanceof Promise) throw new PromiseSeen(${name})`
  }

  private extra(i: number): string {
    const declaration = `const e${i} = extras[${i}]`
    if (!this.prelude.includes(declaration)) this.prelude.push(declaration)
    return `e${i}`
  }

  private extraArguments(i: number, detail: string | undefined): string {
    if (detail === undefined) return ''
    const list = [...detail].map((letter, a) => {
      const value = `${this.extra(i)}[${a}]`
      return letter === 'b' ? `${value}.next()` : value
    })
    return `, ${list.join(', ')}`
  }
}

/** The code of a field of an item; `name` is JSON. */
function fieldCode(item: string, name: string): string {
  if (isInherited(JSON.parse(name) as string | number)) return `ownField(${item}, ${name})`
  return `${item} === undefined || ${item} === null ? undefined : ${item}[${name}]`
}

/** The code of an item as the list it must be. */
function arrayOf(item: string): string {
  return `(Array.isArray(${item}) ? ${item} : spreadable(${item}))`
}

/** What the code of a `pluck` depends on. */
export interface PluckDetail {
  readonly user: FieldUser
  readonly field: string | number
  readonly fallback: boolean
}

/** What the code of a text operation depends on. */
export interface StringDetail {
  readonly method: string
  readonly count: number
}
