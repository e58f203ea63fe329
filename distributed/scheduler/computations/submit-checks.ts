/** Checks of the submissions of clients, beyond the types of their fields. */
import type { Encoded } from '../../../core/codec/index.js'
import { isEncoded } from '../../../core/graph/stored-value.js'
import { isStored } from '../../protocol/field-kinds.js'
import type { Externals, Submit } from '../../protocol/index.js'

/**
 * Returns what is invalid in a submission whose layers were expanded, or undefined. Nothing that a client
 * sends is trusted.
 */
export function findSubmitFault(submit: Submit): string | undefined {
  const { recipeOf, inputStart, inputs, ranks, targets, params, paramEnd, keys } = submit
  const count = recipeOf.length
  const recipes = submit.recipes.length
  if (!Number.isSafeInteger(submit.run)) return 'the number of the run'
  if (submit.recipeTokens.length !== recipes) return 'the number of recipe tokens'
  if (!submit.recipeTokens.every((token) => typeof token === 'string')) return 'a recipe token'
  if (!submit.recipes.every((bytes) => isStored(bytes) && isEncoded(bytes as Encoded)))
    return 'a recipe'
  if (inputStart.length !== count + 1 || ranks.length !== count) return 'the length of a column'
  const isListed = 'joined' in keys
  const keyCount = isListed ? keys.ends?.length : keys.blockOf.length
  if (paramEnd.length !== count || keyCount !== count) return 'the length of a column'
  if (submit.contentNamed.length !== count && submit.contentNamed.length !== 0) {
    return 'the length of a column'
  }
  const { externals } = submit
  const fault = findExternalsFault(externals)
  if (fault !== undefined) return fault
  const externalCount = externals.runOf.length
  if (submit.annotations.length !== 0 && submit.annotations.length !== recipes)
    return 'the list of annotations'
  if (inputStart[0] !== 0 || inputStart[count] !== inputs.length) return 'the list of inputs'
  let paramsBefore = 0
  let keysBefore = 0
  for (let task = 0; task < count; task++) {
    if (recipeOf[task]! < 0 || recipeOf[task]! >= recipes) return 'the number of a recipe'
    const end = inputStart[task + 1]!
    if (end < inputStart[task]!) return 'the list of inputs'
    for (let i = inputStart[task]!; i < end; i++) {
      // Inputs come before their dependents, so there can be no cycle.
      if (inputs[i]! < -externalCount || inputs[i]! >= task) return 'the number of an input'
    }
    if (paramEnd[task]! < paramsBefore) return 'the list of parameters'
    paramsBefore = paramEnd[task]!
    if (!isListed) continue
    if (keys.ends[task]! < keysBefore) return 'the list of keys'
    keysBefore = keys.ends[task]!
  }
  if (paramsBefore !== params.length) return 'the list of parameters'
  if (isListed && (typeof keys.joined !== 'string' || keysBefore !== keys.joined.length))
    return 'the list of keys'
  for (const param of params) if (!isStored(param)) return 'a parameter'
  for (const target of targets)
    if (target < -externalCount || target >= count) return 'the number of a target'
  if (new Set(targets).size !== targets.length) return 'the list of targets'
  return undefined
}

/** Returns what is invalid in a list of external results, or undefined. */
export function findExternalsFault({ runs, runOf, targets }: Externals): string | undefined {
  const isList = Array.isArray(runs) && runs.every((run) => typeof run === 'string')
  if (!isList || !(runOf instanceof Int32Array) || !(targets instanceof Int32Array))
    return 'the list of earlier results'
  if (runOf.length !== targets.length) return 'the length of a column'
  for (const run of runOf) if (run < 0 || run >= runs.length) return 'the number of an earlier run'
  return undefined
}
