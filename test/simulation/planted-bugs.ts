/**
 * Bugs to plant in the pure parts, each of which the simulation must find. Each function plants a bug
 * and returns a function that removes it.
 */
import { Losses } from '../../core/scheduling/losses.js'
import { Results } from '../../core/scheduling/results.js'
import type { TaskTable } from '../../core/scheduling/tables/task-table.js'
import type { SourceRecord } from '../../distributed/scheduler/computations/run-sources.js'
import { Engine } from '../../distributed/scheduler/engine/engine.js'
import { EnvelopeCounter } from '../../distributed/transport/mailbox.js'
import { WorkerState } from '../../distributed/worker/state/worker-state.js'

/** Replaces a method of a class; returns a function that restores it. */
function replace<T extends object>(
  type: { prototype: T },
  name: string,
  method: unknown,
): () => void {
  const prototype = type.prototype as Record<string, unknown>
  const former = prototype[name]
  if (typeof former !== 'function') throw new Error(`there is no method ${name} any more`)
  prototype[name] = method
  return () => {
    prototype[name] = former
  }
}

function formerMethod(type: { prototype: object }, name: string): (...args: unknown[]) => void {
  return (type.prototype as Record<string, (...args: unknown[]) => void>)[name]!
}

export const plantedBugs: Readonly<Record<string, () => () => void>> = {
  /** Results that are lost with their worker are not computed again. */
  'a lost result is not made again': () => {
    const recover = formerMethod(Losses, 'recover')
    return replace(Losses, 'recover', function (this: unknown, _lost: unknown, back: unknown) {
      recover.call(this, [], back)
    })
  },
  /** Tasks that a worker was assigned behind a task that fails there stay assigned. */
  'a chain is not recalled': () => replace(Losses, 'recall', () => []),
  /** A worker goes on with what was cancelled. */
  'a cancelled task stays assigned': () => replace(WorkerState, 'onCancel', () => {}),
  /** A session goes on although some of its messages were lost. */
  'a gap in a session is not noticed': () =>
    replace(
      EnvelopeCounter,
      'check',
      function (this: { next: number }, envelope: { number: number }) {
        if (envelope.number < this.next) return 'repeated'
        this.next = envelope.number + 1
        return 'next'
      },
    ),
  /** A scheduler that is started again does not hold named results. */
  'a held result is forgotten over a restart': () => {
    const recover = formerMethod(Engine, 'recover') as (...args: unknown[]) => unknown
    return replace(Engine, 'recover', function (this: unknown, ...args: [SourceRecord, unknown]) {
      return args[0].submit === null ? undefined : recover.apply(this, args)
    })
  },
  /** A failed task with retries left is not run again. */
  'a retry is forgotten': () => {
    const erred = formerMethod(Results, 'erred')
    return replace(
      Results,
      'erred',
      function (this: { context: { tasks: TaskTable } }, event: { task: number }) {
        this.context.tasks.retries[event.task] = 0
        erred.call(this, event)
      },
    )
  },
}
