/**
 * A computation as its client sent it: the columns that the state does not keep, and which results
 * have been passed on.
 */
import type { Encoded } from '../../../core/codec/index.js'
import { isEncoded, type StoredValue } from '../../../core/graph/stored-value.js'
import type { TaskSettings, TaskSubmission } from '../../../core/scheduling/interface/submission.js'
import { isStored } from '../../protocol/field-kinds.js'
import type { Externals, LayerKeys, PackedStrings, Submit } from '../../protocol/index.js'
import { layerKey } from '../../protocol/layer-keys.js'
import { unpackString } from '../../protocol/packed-strings.js'

export class Computation {
  /** The scheduler's number for it. */
  readonly run: number
  /** What everybody knows it by. */
  readonly name: string
  /** The client's name, and the client's number for it. */
  readonly client: string
  readonly clientRun: number
  readonly count: number
  readonly params: readonly StoredValue[]
  readonly paramEnd: Int32Array
  readonly keys: PackedStrings | LayerKeys
  /** The numbers of its recipes, to be released. */
  readonly recipes: readonly number[]
  /** What its parameters keep of the shelf, to be released. */
  readonly bundles: readonly string[]
  readonly reportsProgress: boolean
  /** Whether each target is told by itself, and held until it is released. */
  readonly holdsTargets: boolean
  /** By place, 1 for targets whose values are wanted and have not been passed on. */
  private readonly requested: Uint8Array
  /** How many these are. */
  unsent = 0
  readonly targetCount: number
  /** Milliseconds that tasks may run, by their recipes' places, 0 for ever; undefined if all may. */
  readonly timeouts: readonly number[] | undefined
  /** Whether some tasks have copies of what they read kept where they run. */
  readonly acquiresAnyInputs: boolean
  private readonly acquiring: readonly boolean[]
  /** For each task the place of its recipe; empty where nobody asks. */
  readonly recipeOf: Int32Array
  /** Whether the state says that all targets are in memory. */
  isDone = false
  /** Whether the client was told that it has all it wanted; it is over when the client says so too. */
  isReported = false
  /** Tasks that have finished. */
  finished = 0
  /** When the client was last told how far it is. */
  lastProgress = 0
  /** When it came, by the scheduler's clock, and how many transitions of tasks had been noted. */
  submittedAt = 0
  storyStart = 0

  constructor(
    submit: Submit,
    about: {
      run: number
      name: string
      client: string
      recipes: readonly number[]
      bundles: readonly string[]
    },
  ) {
    this.bundles = about.bundles
    this.run = about.run
    this.name = about.name
    this.client = about.client
    this.recipes = about.recipes
    this.clientRun = submit.run
    this.count = submit.recipeOf.length
    this.params = submit.params
    this.paramEnd = submit.paramEnd
    this.keys = submit.keys
    this.reportsProgress = submit.reportProgress
    this.holdsTargets = submit.holdTargets
    this.targetCount = submit.targets.length
    this.timeouts = timeoutsOf(submit)
    this.acquiring = submit.annotations.map((demand) => demand?.acquire === true)
    this.acquiresAnyInputs = this.acquiring.includes(true)
    this.recipeOf = this.timeouts === undefined && !this.acquiresAnyInputs ? none : submit.recipeOf
    this.requested = new Uint8Array(submit.targets.length)
    if (submit.holdTargets) this.requestValues(submit.deliver)
    else {
      this.requested.fill(1)
      this.unsent = submit.targets.length
    }
  }

  /** Whether a task has copies of what it reads kept where it runs. */
  acquiresInputs(task: number): boolean {
    return this.acquiring[this.recipeOf[task]!] === true
  }

  /** The key of a task, by its place in the submission. */
  key(task: number): string {
    return 'joined' in this.keys ? unpackString(this.keys, task) : layerKey(this.keys, task)
  }

  /** The values of these targets are to be passed on. */
  requestValues(places: ArrayLike<number>): void {
    for (let i = 0; i < places.length; i++) {
      const place = places[i]!
      if (this.requested[place] !== 0) continue
      this.requested[place] = 1
      this.unsent++
    }
  }

  /** Only the values of these targets are lacking, whatever was passed on before. */
  resetRequested(places: ArrayLike<number>): void {
    this.requested.fill(0)
    this.unsent = 0
    this.isReported = false
    this.requestValues(places)
  }

  /** Whether the value of a target is wanted and has not been passed on. */
  isRequested(place: number): boolean {
    return this.requested[place] === 1
  }

  /** Notes that a value is passed on, or wanted no more; false if it was neither. */
  settle(place: number): boolean {
    if (this.requested[place] !== 1) return false
    this.requested[place] = 0
    this.unsent--
    return true
  }

  /** The places of targets whose values are wanted. */
  requestedTargets(): number[] {
    const places: number[] = []
    if (this.unsent > 0)
      for (let place = 0; place < this.requested.length; place++)
        if (this.requested[place] === 1) places.push(place)
    return places
  }
}

/** What the state is given of a computation; `externals` are the slots of what it reads of others. */
export function toSubmission(
  submit: Submit,
  computation: Computation,
  externals: Int32Array,
  settings: readonly (TaskSettings | undefined)[],
): TaskSubmission {
  const { recipes, run, count } = computation
  const { inputStart, inputs, ranks, targets, contentNamed, holdTargets } = submit
  const recipeOf = submit.recipeOf.map((recipe) => recipes[recipe]!)
  const columns = { recipeOf, inputStart, inputs, ranks, targets }
  const sharedKey = (task: number): string | undefined =>
    contentNamed[task] === 1 ? computation.key(task) : undefined
  return {
    run,
    count,
    ...columns,
    keeps: holdTargets,
    origin: computation,
    ...(externals.length === 0 ? {} : { externals }),
    ...(contentNamed.length === 0 ? {} : { sharedKey }),
    ...(settings.length === 0
      ? {}
      : { settingsOf: (task: number) => settings[submit.recipeOf[task]!] }),
  }
}

/** Why a submission makes no sense; undefined if it does. Nothing that a client sends is trusted. */
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
  const known = findExternalsFault(externals)
  if (known !== undefined) return known
  const reach = externals.runOf.length
  if (submit.annotations.length !== 0 && submit.annotations.length !== recipes)
    return 'what tasks ask for'
  if (inputStart[0] !== 0 || inputStart[count] !== inputs.length) return 'the list of inputs'
  let paramsBefore = 0
  let textBefore = 0
  for (let task = 0; task < count; task++) {
    if (recipeOf[task]! < 0 || recipeOf[task]! >= recipes) return 'the number of a recipe'
    const end = inputStart[task + 1]!
    if (end < inputStart[task]!) return 'the list of inputs'
    for (let i = inputStart[task]!; i < end; i++) {
      // Inputs come before what reads them, so there can be no cycle.
      if (inputs[i]! < -reach || inputs[i]! >= task) return 'the number of an input'
    }
    if (paramEnd[task]! < paramsBefore) return 'the list of parameters'
    paramsBefore = paramEnd[task]!
    if (!isListed) continue
    if (keys.ends[task]! < textBefore) return 'the list of keys'
    textBefore = keys.ends[task]!
  }
  if (paramsBefore !== params.length) return 'the list of parameters'
  if (isListed && (typeof keys.joined !== 'string' || textBefore !== keys.joined.length))
    return 'the list of keys'
  for (const param of params) if (!isStored(param)) return 'a parameter'
  for (const target of targets)
    if (target < -reach || target >= count) return 'the number of a target'
  if (new Set(targets).size !== targets.length) return 'the list of targets'
  return undefined
}

/** Why a list of externals makes no sense; undefined if it does. */
export function findExternalsFault({ runs, runOf, targets }: Externals): string | undefined {
  const isList = Array.isArray(runs) && runs.every((run) => typeof run === 'string')
  if (!isList || !(runOf instanceof Int32Array) || !(targets instanceof Int32Array))
    return 'the list of former results'
  if (runOf.length !== targets.length) return 'the length of a column'
  for (const run of runOf) if (run < 0 || run >= runs.length) return 'the number of a former run'
  return undefined
}

const none = new Int32Array(0)

function timeoutsOf({ annotations }: Submit): number[] | undefined {
  const timeouts = annotations.map((demand) => {
    const timeout: unknown = demand?.timeout
    return typeof timeout === 'number' && timeout > 0 && timeout < 2 ** 31 ? timeout : 0
  })
  return timeouts.some((timeout) => timeout > 0) ? timeouts : undefined
}
