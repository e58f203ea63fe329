/**
 * Which fields of a source's items a chain of operations uses, so that a reader need not make the others.
 *
 * Only operations that do nothing else with an item count: expressions, names of fields, and functions whose source
 * code shows it. A chain that passes an item on as a whole needs all of it.
 */
import { expressionNames } from '../../../core/expressions/expression.js'
import { fieldsRead } from '../../../core/functions/source/fields-read.js'
import { isInherited } from './loop-functions.js'
import type { PluckDetail } from './loop-writer.js'
import type { ChainOperation, OperationChain } from './operation-chain.js'

/**
 * The names of fields. True for a field without which an item must be complete; false if it makes no difference whether
 * a field is missing or undefined.
 */
export type FieldsUsed = ReadonlyMap<string, boolean>

const cache = new WeakMap<OperationChain, FieldsUsed | null>()

/** Returns the fields of the items at the beginning of a chain that it uses; undefined if it needs whole items. */
export function fieldsUsed(chain: OperationChain): FieldsUsed | undefined {
  let found = cache.get(chain)
  if (found === undefined) {
    const fields = new Fields()
    found = fields.read(chain.operations()) ? fields.names : null
    cache.set(chain, found)
  }
  return found ?? undefined
}

class Fields {
  readonly names = new Map<string, boolean>()

  /** Collects the fields that operations use. Returns whether they use nothing else. */
  read(operations: readonly ChainOperation[]): boolean {
    for (const operation of operations) {
      const next = this.operation(operation)
      if (next !== 'next') return next === 'made'
    }
    return false
  }

  /** Returns `next` if the item goes on to the next operation, `made` if another one does, `whole` if all of it is used. */
  private operation({ kind, fn, detail }: ChainOperation): 'next' | 'made' | 'whole' {
    switch (kind) {
      case 'map':
      case 'filter':
      case 'remove':
        if (detail !== undefined || !this.call(fn!, 0, 1)) return 'whole'
        return kind === 'map' ? 'made' : 'next'
      case 'key':
        return this.call(fn!, 0, 1) ? 'next' : 'whole'
      case 'keyPluck':
        return this.add(JSON.parse(detail!) as string | number, true) ? 'next' : 'whole'
      case 'pluck': {
        const { field, fallback } = JSON.parse(detail!) as PluckDetail
        return this.add(field, !fallback) ? 'made' : 'whole'
      }
      case 'foldFrom':
        return this.call(fn!, 1, 2) ? 'made' : 'whole'
      case 'foldBy':
        // Without an initial value, the first item of a group is its total.
        return detail === 'initial' && this.call(fn!, 1, 2) ? 'made' : 'whole'
      case 'addKeyed':
        // The items are folded later, when they cannot be read again, so errors about missing fields need whole items.
        return fn !== undefined && this.call(fn, 1, 2, true) ? 'made' : 'whole'
      case 'add':
        return detail === 'nothing' ? 'made' : 'whole'
      default:
        return 'whole'
    }
  }

  /** Adds the fields that a function reads of the item, its argument at a position of a call. */
  private call(fn: Function, position: number, count: number, isRequired = false): boolean {
    const expression = expressionNames(fn, position, count)
    if (expression === undefined) {
      const fields = fieldsRead(fn, position)
      return fields?.every((field) => this.add(field, isRequired)) ?? false
    }
    if (expression.isWhole) return false
    // Without a field `x`, the expression's `x` is the item.
    const isItem = (name: string): boolean => count === 1 && name === 'x'
    return expression.names.every((name) => this.add(name, isRequired || isItem(name)))
  }

  private add(field: string | number, isRequired: boolean): boolean {
    const name = String(field)
    if (isInherited(name)) return false
    this.names.set(name, isRequired || this.names.get(name) === true)
    return true
  }
}
