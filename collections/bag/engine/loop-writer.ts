/**
 * Writes the JavaScript source of the loop that runs a part of a chain over a batch.
 *
 * Each operation sets `op` to its index before it runs, so an error is attributed to it. `x3` is the
 * item that operation 3 makes, `f3` its function, `e3` what it reads besides the item, `k3` its key.
 */
import { type FieldUser, isInherited } from './loop-functions.js'
import type { ChainOperation, EndingKind, TransformKind } from './operation-chain.js'

/** The `detail` of a `pluck`, as JSON. */
export interface PluckDetail {
  readonly user: FieldUser
  readonly field: string | number
  /** Whether there is a value for items without the field. */
  readonly fallback: boolean
}

/** The `detail` of a `string`, as JSON. */
export interface StringDetail {
  readonly method: string
  readonly count: number
}

/** Writes operations `start` up to, but not including, `end` of a chain. */
export class LoopWriter {
  private readonly operations: readonly ChainOperation[]
  private readonly start: number
  private readonly end: number
  private readonly async: boolean
  /** Statements before the loop. */
  private readonly prelude: string[] = []
  private readonly body: string[] = []
  /** Ends of the inner loops that `flatten` opens. */
  private readonly closers: string[] = []
  /** Statements after the loop. */
  private readonly postlude: string[] = []
  /** The variable that holds the current item. */
  private item = 'x'
  /** The variable that holds the key of the current item; `x` if the item is its own key. */
  private key = 'x'
  /** The label of the block that a rejected item leaves. */
  private exit = 'item'

  constructor(operations: readonly ChainOperation[], start: number, end: number, async: boolean) {
    this.operations = operations
    this.start = start
    this.end = end
    this.async = async
  }

  /** Returns the source of a function of `library` and `functions` that returns the loop. */
  write(library: readonly string[]): string {
    for (let i = this.start; i < this.end; i++) this.operation(i, this.operations[i]!)
    if (this.end < this.operations.length) this.body.push(`state.push(${this.item})`)
    const indices = Array.from({ length: this.end - this.start }, (_, i) => this.start + i)
    const functions = indices
      .filter((i) => this.operations[i]!.fn !== undefined)
      .map((i) => `const f${i} = functions[${i - this.start}]`)
    return [
      "'use strict'",
      `const { ${library.join(', ')} } = library`,
      ...functions,
      `return ${this.async ? 'async ' : ''}function loop(batch, state, extras) {`,
      'let op = 0, i = 0',
      'try {',
      ...this.prelude,
      'const n = batch.length',
      'for (; i < n; i++) { const x = batch[i]; item: {',
      ...this.body,
      ...this.closers.reverse(),
      '} }',
      ...this.postlude,
      // Only the first segment of a chain reads the items of the source.
      `} catch (error) { throw new OperationFailure(op, error${this.start === 0 ? ', i, batch[i]' : ''}) }`,
      '}',
    ].join('\n')
  }

  private operation(i: number, { kind, detail }: ChainOperation): void {
    this.body.push(`op = ${i}`)
    switch (kind) {
      case 'collect':
      case 'add':
      case 'addKeyed':
      case 'fold':
      case 'foldFrom':
      case 'foldBy':
      case 'countBy':
        this.ending(i, kind)
        break
      default:
        this.transform(i, kind, detail)
    }
  }

  private transform(i: number, kind: TransformKind, detail: string | undefined): void {
    const { body, item } = this
    const next = `x${i}`
    switch (kind) {
      case 'map':
        this.call(next, `f${i}(${this.mapArguments(i, detail)})`)
        this.item = next
        break
      case 'starmap':
        this.call(next, `f${i}(...${arrayCode(item)}${this.extraArguments(i, detail)})`)
        this.item = next
        break
      case 'filter':
      case 'remove':
        this.call(next, `f${i}(${item}${this.extraArguments(i, detail)})`)
        body.push(`if (${kind === 'filter' ? '!' : ''}${next}) break ${this.exit}`)
        break
      case 'accept':
        body.push(`if (!${this.extra(i)}.accepts(${item})) break ${this.exit}`)
        break
      case 'pluck':
        this.pluck(i, JSON.parse(detail!) as PluckDetail)
        break
      case 'pluckAll':
        body.push(`const ${next} = pluckAll(${item}, ${this.extra(i)})`)
        this.item = next
        break
      case 'string':
        this.stringMethod(i, JSON.parse(detail!) as StringDetail)
        break
      case 'scan':
        this.scan(i)
        break
      case 'flatten':
        body.push(`for (const ${next} of flattenable(${item})) { item${i}: {`)
        // Errors of the iterator belong to this operation.
        this.closers.push(`} op = ${i} }`)
        this.item = next
        this.exit = `item${i}`
        break
      case 'key':
        this.call(`k${i}`, `f${i}(${item})`)
        this.key = `k${i}`
        break
      case 'keyPluck':
        body.push(`const k${i} = ${fieldCode(item, detail!)}`)
        body.push(`if (k${i} === undefined) missingField(${item}, ${detail!}, 'key')`)
        this.key = `k${i}`
        break
      default:
        unknownKind(kind)
    }
  }

  private ending(i: number, kind: EndingKind): void {
    const { body, item } = this
    const key = this.key === 'x' ? item : this.key
    switch (kind) {
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
        this.findGroup(key)
        body.push('if (group === undefined) table.insert(key, 1)', 'else group.total++')
        break
      case 'foldBy':
        this.findGroup(key)
        this.prelude.push('const start = state.start')
        body.push(
          'if (group === undefined) {',
          `if (start === undefined) { table.insert(key, ${item}); break ${this.exit} }`,
          'group = table.insert(key, start())',
          '}',
          `let total = f${i}(group.total, ${item})`,
          this.promiseCheck('total'),
          'group.total = total',
        )
        break
      default:
        unknownKind(kind)
    }
  }

  /** Finds the group of a key: of an object by its content, of any other key in a Map at once. */
  private findGroup(key: string): void {
    this.prelude.push('const table = state.table, simple = table.simple')
    this.body.push(
      `const key = ${key}`,
      "let group = typeof key === 'object' && key !== null ? table.find(key) : simple.get(key)",
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

  private stringMethod(i: number, { method, count }: StringDetail): void {
    const { body, item } = this
    const args = Array.from({ length: count }, (_, a) => `${this.extra(i)}[${a}]`)
    body.push(`if (typeof ${item} !== 'string') throw notString(${item}, '${method}')`)
    body.push(`const x${i} = ${item}.${method}(${args.join(', ')})`)
    this.item = `x${i}`
  }

  private scan(i: number): void {
    const next = `x${i}`
    const running = this.extra(i)
    this.body.push(
      `let ${next} = ${this.item}`,
      `if (${running}.has) {`,
      `${next} = f${i}(${running}.total, ${this.item})`,
      this.promiseCheck(next),
      `} else ${running}.has = true`,
      `${running}.total = ${next}`,
    )
    this.item = next
  }

  /** Declares a variable for the result of a function, which may be a promise. */
  private call(name: string, code: string): void {
    this.body.push(`let ${name} = ${code}`, this.promiseCheck(name))
  }

  private promiseCheck(name: string): string {
    return this.async
      ? `if (${name} instanceof Promise) ${name} = await ${name}`
      : `if (${name} instanceof Promise) throw new PromiseSeen(${name})`
  }

  /** Returns the variable for what an operation reads besides the item. */
  private extra(i: number): string {
    const declaration = `const e${i} = extras[${i}]`
    if (!this.prelude.includes(declaration)) this.prelude.push(declaration)
    return `e${i}`
  }

  /** Returns the arguments of a `map`: the item first, or where `x` stands in the layout. */
  private mapArguments(i: number, layout: string | undefined): string {
    if (layout?.includes('x') !== true) return this.item + this.extraArguments(i, layout)
    return [...layout]
      .map((letter, a) => (letter === 'x' ? this.item : this.extraArgument(i, letter, a)))
      .join(', ')
  }

  private extraArguments(i: number, layout: string | undefined): string {
    if (layout === undefined) return ''
    return `, ${[...layout].map((letter, a) => this.extraArgument(i, letter, a)).join(', ')}`
  }

  private extraArgument(i: number, letter: string, position: number): string {
    const value = `${this.extra(i)}[${position}]`
    return letter === 'b' ? `${value}.next()` : value
  }
}

/** Returns the code that reads a field of an item. `name` is JSON. */
function fieldCode(item: string, name: string): string {
  if (isInherited(JSON.parse(name) as string | number)) return `ownField(${item}, ${name})`
  return `${item} === undefined || ${item} === null ? undefined : ${item}[${name}]`
}

/** Returns the code that spreads an item as the arguments of a function. */
function arrayCode(item: string): string {
  return `(Array.isArray(${item}) ? ${item} : spreadable(${item}))`
}

function unknownKind(kind: never): never {
  throw new Error(`Invariant broken: no code for operation '${String(kind)}'`)
}
