/**
 * A computation as its client sent it: the columns that the state does not keep, and which results
 * have been passed on.
 */
import type { Encoded } from '../../core/codec/index.js'
import type { Submission } from '../../core/scheduling/events.js'
import { isEncoded, type StoredValue } from '../../core/stored-value.js'
import { unpackText } from '../packed-texts.js'
import type { PackedTexts, Submit } from '../protocol.js'
import { isStored } from '../wire.js'

export class Computation {
  /** The scheduler's number for it. */
  readonly run: number
  /** The client's session, and the client's number for it. */
  readonly session: string
  readonly clientRun: number
  readonly count: number
  readonly params: readonly StoredValue[]
  readonly paramEnd: Int32Array
  readonly keys: PackedTexts
  /** The numbers of its recipes, to be released. */
  readonly recipes: readonly number[]
  /** What its parameters keep of the shelf, to be released. */
  readonly bundles: readonly string[]
  readonly wantsProgress: boolean
  /** By slot, the place in the submission's targets. */
  private readonly placeOf = new Map<number, number>()
  private readonly isSent: Uint8Array
  /** Targets whose values have not been passed on. */
  unsent: number
  /** Whether the state says that all targets are in memory. */
  isDone = false
  /** Tasks that have finished. */
  finished = 0
  /** When the client was last told how far it is. */
  lastProgress = 0

  constructor(
    submit: Submit,
    about: {
      run: number
      session: string
      recipes: readonly number[]
      bundles: readonly string[]
    },
  ) {
    this.bundles = about.bundles
    this.run = about.run
    this.session = about.session
    this.recipes = about.recipes
    this.clientRun = submit.run
    this.count = submit.recipeOf.length
    this.params = submit.params
    this.paramEnd = submit.paramEnd
    this.keys = submit.keys
    this.wantsProgress = submit.wantsProgress
    this.isSent = new Uint8Array(submit.targets.length)
    this.unsent = submit.targets.length
  }

  /** The key of a task, by its place in the submission. */
  key(task: number): string {
    return unpackText(this.keys, task)
  }

  /** Tells which slots its targets became. */
  setTargets(slots: ArrayLike<number>): void {
    for (let i = 0; i < slots.length; i++) this.placeOf.set(slots[i]!, i)
  }

  /** The place of a target that has not been sent, which is now; undefined if it was, or is none. */
  takeTarget(slot: number): number | undefined {
    const place = this.placeOf.get(slot)
    if (place === undefined || this.isSent[place] === 1) return undefined
    this.isSent[place] = 1
    this.unsent--
    return place
  }

  /** The slots of targets that were not sent. */
  unsentTargets(): number[] {
    const slots: number[] = []
    for (const [slot, place] of this.placeOf) if (this.isSent[place] === 0) slots.push(slot)
    return slots
  }
}

/** What the state is given of a computation. */
export function submissionOf(submit: Submit, computation: Computation): Submission {
  const { recipes, run, count } = computation
  const { inputStart, inputs, ranks, targets, contentNamed } = submit
  const recipeOf = submit.recipeOf.map((recipe) => recipes[recipe]!)
  const columns = { recipeOf, inputStart, inputs, ranks, targets }
  const submission = { run, count, ...columns, origin: computation }
  if (contentNamed.length === 0) return submission
  const sharedKey = (task: number): string | undefined =>
    contentNamed[task] === 1 ? computation.key(task) : undefined
  return { ...submission, sharedKey }
}

/** Why a submission makes no sense; undefined if it does. Nothing that a client sends is trusted. */
export function faultOf(submit: Submit): string | undefined {
  const { recipeOf, inputStart, inputs, ranks, targets, params, paramEnd, keys } = submit
  const count = recipeOf.length
  const recipes = submit.recipes.length
  if (!Number.isSafeInteger(submit.run)) return 'the number of the run'
  if (submit.recipeTokens.length !== recipes) return 'the number of recipe tokens'
  if (!submit.recipeTokens.every((token) => typeof token === 'string')) return 'a recipe token'
  if (!submit.recipes.every((bytes) => isStored(bytes) && isEncoded(bytes as Encoded)))
    return 'a recipe'
  if (inputStart.length !== count + 1 || ranks.length !== count) return 'the length of a column'
  if (paramEnd.length !== count || keys.end?.length !== count) return 'the length of a column'
  if (submit.contentNamed.length !== count && submit.contentNamed.length !== 0) {
    return 'the length of a column'
  }
  if (inputStart[0] !== 0 || inputStart[count] !== inputs.length) return 'the list of inputs'
  let paramsBefore = 0
  let textBefore = 0
  for (let task = 0; task < count; task++) {
    if (recipeOf[task]! < 0 || recipeOf[task]! >= recipes) return 'the number of a recipe'
    const end = inputStart[task + 1]!
    if (end < inputStart[task]!) return 'the list of inputs'
    for (let i = inputStart[task]!; i < end; i++) {
      // Inputs come before what reads them, so there can be no cycle.
      if (inputs[i]! < 0 || inputs[i]! >= task) return 'the number of an input'
    }
    if (paramEnd[task]! < paramsBefore) return 'the list of parameters'
    paramsBefore = paramEnd[task]!
    if (keys.end[task]! < textBefore) return 'the list of keys'
    textBefore = keys.end[task]!
  }
  if (paramsBefore !== params.length) return 'the list of parameters'
  if (typeof keys.text !== 'string' || textBefore !== keys.text.length) return 'the list of keys'
  for (const param of params) if (!isStored(param)) return 'a parameter'
  for (const target of targets) if (target < 0 || target >= count) return 'the number of a target'
  if (new Set(targets).size !== targets.length) return 'the list of targets'
  return undefined
}
