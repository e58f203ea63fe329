/**
 * A computation of a client: the columns of its submission that the state machine does not keep, and which
 * values have been sent to the client. Targets are referred to by their index in the submission.
 */
import type { StoredValue } from '../../../core/graph/stored-value.js'
import type { TaskSettings, TaskSubmission } from '../../../core/scheduling/interface/submission.js'
import type { LayerKeys, PackedStrings, Submit } from '../../protocol/index.js'
import { layerKey } from '../../protocol/layer-keys.js'
import { unpackString } from '../../protocol/packed-strings.js'
import { sharedKeysOf } from '../../protocol/shared-keys.js'

export class Computation {
  /** The scheduler's number of the run. */
  readonly run: number
  /** The name of the run, by which all clients can refer to it. */
  readonly name: string
  /** The name of the client. */
  readonly client: string
  /** The client's number of the run. */
  readonly clientRun: number
  readonly count: number
  readonly params: readonly StoredValue[]
  readonly paramEnd: Int32Array
  readonly keys: PackedStrings | LayerKeys
  /** The numbers of its recipes, which are released with it. */
  readonly recipes: readonly number[]
  /** The bundles that its parameters retain, which are released with it. */
  readonly bundles: readonly string[]
  readonly reportsProgress: boolean
  /** Whether targets are reported one by one, and held until each is released. */
  readonly holdsTargets: boolean
  /** For each target, 1 if its value was requested and not sent yet. */
  private readonly requested: Uint8Array
  /** The number of values that were requested and not sent yet. */
  unsent = 0
  readonly targetCount: number
  /** For each recipe, the timeout of its tasks in milliseconds, 0 for none; undefined if no task has one. */
  readonly timeouts: readonly number[] | undefined
  /** Whether some tasks make workers keep replicas of their inputs. */
  readonly acquiresAnyInputs: boolean
  private readonly acquiring: readonly boolean[]
  /** For each task, the index of its recipe; empty unless timeouts or replicas need it. */
  readonly recipeOf: Int32Array
  /** Whether all targets are in memory. */
  isDone = false
  /** Whether the client was sent `done`. The run ends when the client cancels it in turn. */
  isReported = false
  /** The number of finished tasks. */
  finished = 0
  /** When the last progress report was sent. */
  lastProgress = 0
  /** When the computation was submitted, by the scheduler's clock. */
  submittedAt = 0
  /** The number of the first transition in the story that can concern its tasks. */
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
    this.acquiring = submit.annotations.map((own) => own?.acquire === true)
    this.acquiresAnyInputs = this.acquiring.includes(true)
    this.recipeOf = this.timeouts === undefined && !this.acquiresAnyInputs ? none : submit.recipeOf
    this.requested = new Uint8Array(submit.targets.length)
    if (submit.holdTargets) this.requestValues(submit.deliver)
    else {
      this.requested.fill(1)
      this.unsent = submit.targets.length
    }
  }

  /** Whether the worker of a task keeps replicas of its inputs. */
  acquiresInputs(task: number): boolean {
    return this.acquiring[this.recipeOf[task]!] === true
  }

  /** Returns the key of a task, by its number in the submission. */
  key(task: number): string {
    return 'joined' in this.keys ? unpackString(this.keys, task) : layerKey(this.keys, task)
  }

  /** Marks the values of these targets as requested. */
  requestValues(targets: ArrayLike<number>): void {
    for (let i = 0; i < targets.length; i++) {
      const target = targets[i]!
      if (this.requested[target] !== 0) continue
      this.requested[target] = 1
      this.unsent++
    }
  }

  /** Marks the values of these targets, and no others, as requested. */
  resetRequested(targets: ArrayLike<number>): void {
    this.requested.fill(0)
    this.unsent = 0
    this.isReported = false
    this.requestValues(targets)
  }

  /** Whether the value of a target was requested and not sent yet. */
  isRequested(target: number): boolean {
    return this.requested[target] === 1
  }

  /** Marks a value as sent, or no longer requested. Returns false if it was not requested. */
  settle(target: number): boolean {
    if (this.requested[target] !== 1) return false
    this.requested[target] = 0
    this.unsent--
    return true
  }

  /** Returns the targets whose values were requested and not sent yet. */
  requestedTargets(): number[] {
    const targets: number[] = []
    if (this.unsent > 0)
      for (let target = 0; target < this.requested.length; target++)
        if (this.requested[target] === 1) targets.push(target)
    return targets
  }
}

/** Makes the state machine's submission of a computation. `externals` are the slots of its external results. */
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
  return {
    run,
    count,
    ...columns,
    keeps: holdTargets,
    origin: computation,
    ...(externals.length === 0 ? {} : { externals }),
    ...(contentNamed.length === 0
      ? {}
      : { sharedKeys: sharedKeysOf(computation.keys, contentNamed) }),
    ...(settings.length === 0
      ? {}
      : { settingsOf: (task: number) => settings[submit.recipeOf[task]!] }),
  }
}

const none = new Int32Array(0)

function timeoutsOf({ annotations }: Submit): number[] | undefined {
  const timeouts = annotations.map((own) => {
    const timeout: unknown = own?.timeout
    return typeof timeout === 'number' && timeout > 0 && timeout < 2 ** 31 ? timeout : 0
  })
  return timeouts.some((timeout) => timeout > 0) ? timeouts : undefined
}
