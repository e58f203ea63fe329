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

/** The `detail` of a `join`, as JSON. */
export interface JoinDetail {
  /** The field that is the key; absent if a function returns it. */
  readonly field?: string | number | undefined
  /** Whether items without a match are left out or paired with undefined. */
  readonly how: 'inner' | 'left'
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
        if (detail?.startsWith('!')) this.guarded(i, kind, detail)
        else this.call(next, `f${i}(${this.mapArguments(i, detail)})`)
        this.item = next
        break
      case 'starmap':
        if (detail?.startsWith('!')) this.guarded(i, kind, detail)
        else this.call(next, `f${i}(...${arrayCode(item)}${this.extraArguments(i, detail)})`)
        this.item = next
        break
      case 'filter':
      case 'remove':
        if (detail?.startsWith('!')) {
          this.guarded(i, kind, detail)
          break
        }
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
      case 'join':
        this.join(i, JSON.parse(detail!) as JoinDetail)
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
        body.push('if (group === totals.length) totals.push(1)', 'else totals[group]++')
        break
      case 'foldBy':
        this.findGroup(key)
        this.prelude.push('const start = state.start')
        body.push(
          'if (group === totals.length) {',
          `if (start === undefined) { totals.push(${item}); break ${this.exit} }`,
          'totals.push(start())',
          '}',
          `let total = f${i}(totals[group], ${item})`,
          this.promiseCheck('total'),
          'totals[group] = total',
        )
        break
      default:
        unknownKind(kind)
    }
  }

  /** Finds the number of a key; that of a new one is the number of totals. */
  private findGroup(key: string): void {
    this.prelude.push('const { table, totals } = state')
    this.body.push(`const group = table.put(${key})`)
  }

  /** Pairs the item with each item of the other side whose key is equal; see `JoinDetail`. */
  private join(i: number, { field, how }: JoinDetail): void {
    const { body, item } = this
    if (this.operations[i]!.fn !== undefined) this.call(`k${i}`, `f${i}(${item})`)
    else {
      const name = JSON.stringify(field)
      body.push(`const k${i} = ${fieldCode(item, name)}`)
      body.push(`if (k${i} === undefined) missingField(${item}, ${name}, 'key')`)
    }
    const side = this.extra(i)
    const none = how === 'left' ? `${side}.none` : 'undefined'
    body.push(
      `const g${i} = ${side}.table.find(k${i})`,
      `const l${i} = g${i} < 0 ? ${none} : ${side}.lists[g${i}]`,
    )
    if (how === 'inner') body.push(`if (l${i} === undefined) break ${this.exit}`)
    body.push(
      `for (let j${i} = 0; j${i} < l${i}.length; j${i}++) { item${i}: {`,
      `const x${i} = [l${i}[j${i}], ${item}]`,
    )
    this.closers.push('} }')
    this.item = `x${i}`
    this.exit = `item${i}`
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

  /**
   * Calls a function that may throw: `!skip` leaves out the items for which it does, `!rejects` keeps these alone, as
   * rejects.
   */
  private guarded(i: number, kind: 'map' | 'starmap' | 'filter' | 'remove', detail: string): void {
    const { body, item, exit } = this
    const next = `x${i}`
    const keepsRejects = detail === '!rejects'
    body.push(
      `let ${next}`,
      `try { ${next} = f${i}(${kind === 'starmap' ? `...${arrayCode(item)}` : item})`,
      this.async ? `if (${next} instanceof Promise) ${next} = await ${next}` : '',
      '} catch (error) {',
    )
    if (!keepsRejects) {
      body.push(`break ${exit} }`)
      if (!this.async) body.push(this.promiseCheck(next))
      if (kind === 'filter' || kind === 'remove')
        body.push(`if (${kind === 'filter' ? '!' : ''}${next}) break ${exit}`)
      return
    }
    const rejects = this.extra(i)
    const index = this.start === 0 ? 'i' : '-1'
    body.push(`failed${i} = true; ${next} = ${rejects}.reject(error, ${item}, ${index}) }`)
    if (!this.async) body.push(this.promiseCheck(next))
    body.push(`if (!failed${i}) break ${exit}`, `failed${i} = false`)
    this.prelude.push(`let failed${i} = false`)
    this.postlude.push(`${rejects}.done += n`)
    this.item = next
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
