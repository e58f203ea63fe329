/**
 * Revivers: the operations that create collections from their descriptors. Descriptors come from elsewhere, so only
 * these are loaded, whatever a descriptor names.
 */
import { DecodeError } from '../base/errors.js'
import {
  findOperation,
  loadOperations,
  type OperationReference,
  resolveOperation,
} from '../base/operations.js'
import type { Layer } from './layer.js'

/** Creates a collection of one kind from its layer and the facts that its class needs. */
export type Reviver = (layer: Layer, meta: unknown) => unknown

/** The modules of the revivers of all kinds of collections. */
const revivers: ReadonlyMap<string, string> = new Map([
  ['reviveBag', 'collections/bag/bag'],
  ['reviveItem', 'collections/base/item'],
  ['reviveArray', 'collections/array/chunked-array'],
  ['reviveMaskedArray', 'collections/array/masked-array'],
  ['reviveDelayed', 'collections/base/item'],
])

/** Returns a reviver if its module is already loaded. Throws DecodeError for other operations. */
export function findReviver(reference: OperationReference): Reviver | undefined {
  assertReviver(reference)
  return findOperation(reference) as Reviver | undefined
}

/** Loads a reviver. Throws DecodeError for other operations. */
export async function loadReviver(reference: OperationReference): Promise<Reviver> {
  assertReviver(reference)
  await loadOperations(reference.module)
  return resolveOperation(reference) as Reviver
}

function assertReviver(reference: Partial<OperationReference> | undefined): void {
  const { module, name } = reference ?? {}
  if (module !== undefined && name !== undefined && revivers.get(name) === module) return
  const given = `'${String(name).slice(0, 100)}' of '${String(module).slice(0, 200)}'`
  throw new DecodeError(
    `A collection names ${given} as the function that revives it, which is none of this version of skein: it was stored by another version, or by another program. Nothing was loaded`,
  )
}
