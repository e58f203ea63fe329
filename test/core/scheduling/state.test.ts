/**
 * Literal tests of the scheduler's state, for each kind of event: events in, exact messages out. After
 * every event the state must be valid, and every message must be claimed by the test.
 */
import { afterEach, describe, expect, test } from 'vitest'
import { createContext } from '../../../core/scheduling/context.js'
import { validate } from '../../../core/scheduling/diagnostics/validate.js'
import type { SchedulerEvent } from '../../../core/scheduling/interface/events.js'
import type { SchedulerMessage } from '../../../core/scheduling/interface/messages.js'
import type { TaskSubmission } from '../../../core/scheduling/interface/submission.js'
import { SchedulerState } from '../../../core/scheduling/state.js'
import {
  type SchedulerTaskState,
  stateNames,
  stateNumbers,
} from '../../../core/scheduling/tables/task-states.js'

/** A submission of tasks by the tasks that each reads; the last task is the target. */
function graph(
  run: number,
  inputs: readonly (readonly number[])[],
  more: Partial<TaskSubmission> = {},
): TaskSubmission {
  const inputStart = [0]
  for (const list of inputs) inputStart.push(inputStart.at(-1)! + list.length)
  const all = [...inputs.keys()]
  return {
    run,
    count: inputs.length,
    recipeOf: all.map(() => 0),
    inputStart,
    inputs: inputs.flat(),
    ranks: all,
    targets: [inputs.length - 1],
    ...more,
  }
}

/** A state whose messages must all be claimed. In these tests, slots are the tasks' numbers. */
class Scheduler {
  readonly state: SchedulerState
  private unclaimed: SchedulerMessage[] = []

  constructor() {
    this.state = new SchedulerState({ bandwidth: 1000, storyLength: 100 })
    schedulers.push(this)
  }

  at(now: number, event: SchedulerEvent): this {
    this.expectNothing()
    this.state.story.now = now
    this.unclaimed = this.state.handle(event)
    validate(this.state)
    return this
  }

  join(now: number, worker: number, more: { nthreads?: number; names?: string[] } = {}): this {
    return this.at(now, { kind: 'worker-joined', worker, nthreads: 1, ...more })
  }

  submit(now: number, submission: TaskSubmission): this {
    return this.at(now, { kind: 'submit', submission })
  }

  finish(now: number, worker: number, ...tasks: number[]): this {
    return this.at(now, {
      kind: 'finished',
      worker,
      tasks,
      attempts: tasks.map((task) => this.state.tasks.attempt[task]!),
      nbytes: tasks.map(() => 100),
      durations: tasks.map(() => 1),
    })
  }

  err(now: number, worker: number, task: number): this {
    const attempt = this.state.tasks.attempt[task]!
    return this.at(now, { kind: 'erred', worker, task, attempt, error: 'bad luck' })
  }

  /** Claims the messages of the last event: exactly these, in this order. */
  claim(...messages: SchedulerMessage[]): this {
    expect(this.unclaimed.splice(0)).toEqual(messages)
    return this
  }

  expectNothing(): void {
    expect(this.unclaimed).toEqual([])
  }
}

const schedulers: Scheduler[] = []

afterEach(() => {
  for (const scheduler of schedulers.splice(0)) scheduler.expectNothing()
})

function compute(worker: number, ...tasks: number[]): SchedulerMessage {
  return { kind: 'compute', worker, tasks }
}

function free(worker: number, ...tasks: number[]): SchedulerMessage {
  return { kind: 'free', worker, tasks }
}

function cancel(worker: number, ...tasks: number[]): SchedulerMessage {
  return { kind: 'cancel', worker, tasks }
}

function done(run: number): SchedulerMessage {
  return { kind: 'run-done', run }
}

function forgotten(origin: string, ...slots: number[]): SchedulerMessage {
  return { kind: 'forgotten', origin, slotOf: Int32Array.from(slots) }
}

const erred = { kind: 'erred', error: 'bad luck' } as const

/** For every kind of event its tests, by name: a new kind fails the type check here. */
const tests: Record<SchedulerEvent['kind'], Record<string, () => void>> = {
  'worker-joined': {
    //  0   1        two targets without inputs
    'a worker that joins gets a task for its thread': () => {
      const scheduler = new Scheduler().submit(0, graph(0, [[], []], { targets: [0, 1] }))
      scheduler.join(1, 7).claim(compute(7, 0))
      scheduler.join(2, 8).claim(compute(8, 1))
    },
    //  0            restricted to a worker with the name 'big'
    'a restricted task waits for a worker with the name and the resources': () => {
      const restriction = { workers: ['big'], resources: { GPU: 1 } }
      const scheduler = new Scheduler().submit(
        0,
        graph(0, [[]], { settingsOf: () => ({ restriction }) }),
      )
      scheduler.join(1, 0, { names: ['small'] }).claim()
      scheduler.join(2, 1, { names: ['big'] }).claim()
      const event = { kind: 'worker-joined', worker: 2, nthreads: 1, names: ['big'] } as const
      scheduler.at(3, { ...event, resources: { GPU: 1 } }).claim(compute(2, 0))
    },
    //  0  1  2      are to run at 'near', and others may run them
    'a task that may also run elsewhere does so while its worker has no room': () => {
      const restriction = { workers: ['near'], allowsOthers: true }
      const submission = graph(0, [[], [], []], {
        targets: [0, 1, 2],
        settingsOf: () => ({ restriction }),
      })
      const scheduler = new Scheduler().join(0, 0, { names: ['far'] })
      scheduler.join(1, 1, { names: ['near'] }).submit(2, submission)
      scheduler.claim(compute(1, 0), compute(0, 1))
      scheduler.finish(3, 1, 0).claim(compute(1, 2))
    },
    'and where its worker is not there': () => {
      const restriction = { workers: ['near'], allowsOthers: true }
      const submission = graph(0, [[]], { settingsOf: () => ({ restriction }) })
      new Scheduler()
        .join(0, 0, { names: ['far'] })
        .submit(1, submission)
        .claim(compute(0, 0))
    },
  },

  'worker-left': {
    //  0 --> 1      0 is in memory and 1 runs, both at the worker that leaves
    'its results and its tasks are computed again elsewhere': () => {
      const scheduler = new Scheduler().join(0, 0).submit(1, graph(0, [[], [0]]))
      scheduler.claim(compute(0, 0)).finish(2, 0, 0).claim(compute(0, 1))
      scheduler.join(3, 1).claim()
      scheduler.at(4, { kind: 'worker-left', worker: 0 }).claim(compute(1, 0))
      scheduler.finish(5, 1, 0).claim(compute(1, 1))
    },
    //  0            runs at each worker that is lost
    'a task that was running when three workers were lost fails': () => {
      const scheduler = new Scheduler().submit(0, graph(0, [[]], { origin: 'run' }))
      for (let worker = 0; worker < 2; worker++) {
        scheduler.join(1, worker).claim(compute(worker, 0))
        scheduler.at(2, { kind: 'worker-left', worker }).claim()
      }
      scheduler.join(3, 2).claim(compute(2, 0))
      const failure = {
        kind: 'killed-workers',
        workers: [0, 1, 2],
        origin: 'run',
        task: 0,
      } as const
      scheduler
        .at(4, { kind: 'worker-left', worker: 2 })
        .claim({ kind: 'run-failed', run: 0, failure }, forgotten('run', 0))
    },
    'a worker that leaves on purpose does not count': () => {
      const scheduler = new Scheduler().submit(0, graph(0, [[]]))
      for (let worker = 0; worker < 4; worker++) {
        scheduler.join(1, worker).claim(compute(worker, 0))
        scheduler.at(2, { kind: 'worker-left', worker, isPlanned: true }).claim()
      }
    },
    //  0            a target that its run keeps
    'a kept target that is lost is reported and computed again': () => {
      const scheduler = new Scheduler().join(0, 0).submit(1, graph(0, [[]], { keeps: true }))
      scheduler.claim(compute(0, 0)).finish(2, 0, 0)
      scheduler.claim({ kind: 'targets-done', run: 0, positions: [0] })
      scheduler.join(3, 1).claim()
      scheduler
        .at(4, { kind: 'worker-left', worker: 0 })
        .claim({ kind: 'targets-lost', run: 0, positions: [0] }, compute(1, 0))
    },
  },

  'worker-retiring': {
    //  0 --> 1      1 is queued at the worker that holds 0, which runs another task
    'it gets no more tasks, and those in its own queue go to others': () => {
      const scheduler = new Scheduler().join(0, 0).submit(1, graph(0, [[], [0]]))
      scheduler
        .claim(compute(0, 0))
        .submit(2, graph(1, [[]]))
        .claim()
      scheduler.at(3, { kind: 'worker-retiring', worker: 0 }).claim()
      scheduler.finish(4, 0, 0).claim()
      scheduler.join(5, 1).claim(compute(1, 1, 2))
    },
    //  0            a target that its run keeps
    'results that only it holds are listed until another one has a copy, which stays': () => {
      const scheduler = new Scheduler().join(0, 0).submit(1, graph(0, [[]], { keeps: true }))
      scheduler.claim(compute(0, 0)).finish(2, 0, 0)
      scheduler.claim({ kind: 'targets-done', run: 0, positions: [0] })
      scheduler.join(3, 1).claim()
      expect(scheduler.state.resultsOfRetiring()).toEqual([])
      scheduler.at(4, { kind: 'worker-retiring', worker: 0 }).claim()
      expect(scheduler.state.resultsOfRetiring()).toEqual([0])
      scheduler.at(5, { kind: 'replicated', worker: 1, tasks: [0] }).claim()
      expect(scheduler.state.resultsOfRetiring()).toEqual([])
      // The copy is not surplus, since the other one is to go.
      scheduler.at(6, { kind: 'surplus', worker: 1, tasks: [0] }).claim()
      scheduler.at(7, { kind: 'worker-left', worker: 0, isPlanned: true }).claim()
      expect(scheduler.state.holdersOf(0)).toEqual([1])
    },
    'while the others are paused, they go on although it is not': () => {
      const scheduler = new Scheduler().join(0, 0).join(0, 1)
      scheduler.at(1, { kind: 'worker-memory', worker: 1, stored: 9, isPaused: true }).claim()
      scheduler.at(2, { kind: 'worker-retiring', worker: 0 }).claim()
      scheduler.submit(3, graph(0, [[]])).claim(compute(1, 0))
      scheduler.at(4, { kind: 'worker-memory', worker: 0, stored: 0, isPaused: false }).claim()
      scheduler.at(5, { kind: 'worker-left', worker: 0, isPlanned: true }).claim()
    },
  },

  'worker-alive': {
    //  0            a worker that was taken for lost is alive
    'its loss is taken from the failure counts': () => {
      const scheduler = new Scheduler().submit(0, graph(0, [[]]))
      for (let worker = 0; worker < 4; worker++) {
        scheduler.join(1, worker).claim(compute(worker, 0))
        scheduler.at(2, { kind: 'worker-left', worker }).claim()
        expect(scheduler.state.tasks.failures[0]).toBe(1)
        scheduler.at(3, { kind: 'worker-alive', worker }).claim()
        expect(scheduler.state.tasks.failures[0]).toBe(0)
      }
    },
  },

  submit: {
    //  0 --> 1 --> 2
    'only the first task of a chain with unknown costs is sent': () => {
      const scheduler = new Scheduler().join(0, 0)
      scheduler.submit(1, graph(0, [[], [0], [1]])).claim(compute(0, 0))
    },
    //  0 --> 1      both have a key of their content
    'a submission with a known key shares the task, and is done if that is': () => {
      const sharedKeys = { nameOf: () => 'key-', numberOf: (task: number) => task }
      const scheduler = new Scheduler().join(0, 0).submit(1, graph(0, [[], [0]], { sharedKeys }))
      scheduler.claim(compute(0, 0)).finish(2, 0, 0).claim(compute(0, 1))
      scheduler.submit(3, graph(1, [[], [0]], { sharedKeys })).claim()
      scheduler.finish(4, 0, 1).claim(done(0), done(1), free(0, 0))
      scheduler.submit(5, graph(2, [[], [0]], { sharedKeys })).claim(done(2))
      expect([...scheduler.state.slotsOf(2)]).toEqual([0, 1])
    },
    //  0            of run 0, read by task 0 of run 1, which is slot 1
    'a task can read a result of another run': () => {
      const scheduler = new Scheduler().join(0, 0).submit(1, graph(0, [[]]))
      scheduler.claim(compute(0, 0)).finish(2, 0, 0).claim(done(0))
      scheduler.submit(3, graph(1, [[-1]], { externals: [0] })).claim(compute(0, 1))
    },
  },

  release: {
    //  0 --> 1      0 runs
    'a running task is cancelled, and the tasks are forgotten': () => {
      const scheduler = new Scheduler().join(0, 0)
      scheduler.submit(1, graph(0, [[], [0]], { origin: 'run' })).claim(compute(0, 0))
      scheduler.at(2, { kind: 'release', run: 0 }).claim(forgotten('run', 0, 1), cancel(0, 0))
      expect(scheduler.state.isEmpty).toBe(true)
    },
    'results are freed': () => {
      const scheduler = new Scheduler().join(0, 0).submit(1, graph(0, [[]]))
      scheduler.claim(compute(0, 0)).finish(2, 0, 0).claim(done(0))
      scheduler.at(3, { kind: 'release', run: 0 }).claim(free(0, 0))
      scheduler.at(4, { kind: 'release', run: 0 }).claim()
    },
  },

  'release-targets': {
    //  0   1        kept targets: 0 is in memory, 1 runs
    'each target is released by itself, and the run with the last': () => {
      const more = { keeps: true, targets: [0, 1], origin: 'run' }
      const scheduler = new Scheduler().join(0, 0).submit(1, graph(0, [[], []], more))
      scheduler.claim(compute(0, 0)).finish(2, 0, 0)
      scheduler.claim({ kind: 'targets-done', run: 0, positions: [0] }, compute(0, 1))
      const event = { kind: 'release-targets', run: 0 } as const
      scheduler.at(3, { ...event, positions: [0] }).claim(free(0, 0))
      scheduler.at(4, { ...event, positions: [1] }).claim(forgotten('run', 0, 1), cancel(0, 1))
      expect(scheduler.state.hasRun(0)).toBe(false)
    },
  },

  'report-targets': {
    //  0   1   2    kept targets: 0 is in memory, 1 has failed, 2 runs
    'targets in memory and failed ones are reported again': () => {
      const more = { keeps: true, targets: [0, 1, 2], origin: 'run' }
      const scheduler = new Scheduler().join(0, 0).submit(1, graph(0, [[], [], []], more))
      const failed: SchedulerMessage = {
        ...{ kind: 'targets-failed', run: 0, positions: [1] },
        failure: { ...erred, origin: 'run', task: 1 },
      }
      const isDone: SchedulerMessage = { kind: 'targets-done', run: 0, positions: [0] }
      scheduler
        .claim(compute(0, 0))
        .finish(2, 0, 0)
        .claim(isDone, compute(0, 1, 2))
      scheduler.err(3, 0, 1).claim(failed)
      scheduler.at(4, { kind: 'report-targets', run: 0 }).claim(isDone, failed)
    },
  },

  retry: {
    //  0 --> 1      0 has failed; 1, a kept target, with it
    'a failed target is computed again with its failed inputs': () => {
      const more = { keeps: true, origin: 'run' }
      const scheduler = new Scheduler().join(0, 0).submit(1, graph(0, [[], [0]], more))
      const failure = { ...erred, origin: 'run', task: 0 }
      scheduler.claim(compute(0, 0)).err(2, 0, 0)
      scheduler.claim({ kind: 'targets-failed', run: 0, positions: [0], failure })
      scheduler.at(3, { kind: 'retry', run: 0, positions: [0] }).claim(compute(0, 0))
      scheduler.finish(4, 0, 0).claim(compute(0, 1))
    },
  },

  finished: {
    //  0 --> 1      1 is the target
    'dependents become ready, inputs are freed, and the run is done': () => {
      const scheduler = new Scheduler().join(0, 0).submit(1, graph(0, [[], [0]]))
      scheduler.claim(compute(0, 0)).finish(2, 0, 0).claim(compute(0, 1))
      scheduler.finish(3, 0, 1).claim(done(0), free(0, 0))
    },
    //  0 --> 1 --> 2      with a known recipe
    'once costs are known, a chain is sent at once': () => {
      const scheduler = new Scheduler().join(0, 0).submit(1, graph(0, [[]]))
      scheduler.claim(compute(0, 0)).finish(2, 0, 0).claim(done(0))
      scheduler.submit(3, graph(1, [[], [0], [1]])).claim(compute(0, 1, 2, 3))
    },
    'a late report about another attempt is ignored': () => {
      const scheduler = new Scheduler()
        .join(0, 0)
        .submit(1, graph(0, [[]]))
        .claim(compute(0, 0))
      const event = { kind: 'finished', tasks: [0], nbytes: [1], durations: [1] } as const
      scheduler.at(2, { ...event, worker: 0, attempts: [0] }).claim()
      scheduler.at(3, { ...event, worker: 5, attempts: [1] }).claim()
      scheduler.at(4, { ...event, worker: 0, attempts: [1] }).claim(done(0))
    },
  },

  erred: {
    //  0 --> 1      1 is the target
    'a task with retries runs again, and fails the run without': () => {
      const more = { origin: 'run', settingsOf: () => ({ retries: 1 }) }
      const scheduler = new Scheduler().join(0, 0).submit(1, graph(0, [[], [0]], more))
      scheduler.claim(compute(0, 0)).err(2, 0, 0).claim(compute(0, 0))
      const failure = { ...erred, origin: 'run', task: 0 }
      scheduler.err(3, 0, 0).claim({ kind: 'run-failed', run: 0, failure }, forgotten('run', 0, 1))
    },
    //  0 --> 2 <-- 1      0 is lost and fails while 1 and 2 are a chain at worker 0
    'a task that is recalled fails if an input has failed meanwhile': () => {
      const scheduler = new Scheduler().join(0, 1).submit(1, graph(0, [[]]))
      scheduler.claim(compute(1, 0)).finish(2, 1, 0).claim(done(0)).join(3, 0)
      scheduler.at(4, { kind: 'worker-memory', worker: 1, stored: 100, isPaused: true }).claim()
      const more = { externals: [0], origin: 'run', settingsOf: () => ({ retries: 1 }) }
      scheduler.submit(5, graph(1, [[], [0, -1]], more)).claim(compute(0, 1, 2))
      scheduler.join(6, 2).claim()
      scheduler.at(6, { kind: 'worker-memory', worker: 0, stored: 0, isPaused: true }).claim()
      scheduler.at(7, { kind: 'worker-left', worker: 1, isPlanned: true }).claim(compute(2, 0))
      const failure = { ...erred, origin: undefined, task: 0 }
      scheduler.err(8, 2, 0).claim({ kind: 'run-failed', run: 0, failure })
      scheduler
        .err(9, 0, 1)
        .claim({ kind: 'run-failed', run: 1, failure }, forgotten('run', 1, 2), cancel(0, 2))
      expect(scheduler.state.isEmpty).toBe(true)
    },
  },

  missing: {
    //  0 --> 2 <-- 1      0 is at worker 0, 1 at worker 1
    'an input that its holder does not have is computed again': () => {
      const scheduler = new Scheduler()
        .join(0, 0)
        .join(0, 1)
        .submit(1, graph(0, [[], [], [0, 1]]))
      scheduler.claim(compute(0, 0), compute(1, 1))
      scheduler.finish(2, 0, 0).claim().finish(3, 1, 1).claim(compute(0, 2))
      const event = { kind: 'missing', worker: 0, task: 2, inputs: [1], holders: [1] } as const
      scheduler.at(4, { ...event, attempt: 1 }).claim(compute(1, 1, 2))
      scheduler.finish(5, 1, 1, 2).claim(done(0), free(0, 0), free(1, 1))
    },
  },

  seceded: {
    //  0   1        0 runs and waits for tasks that it started
    'the worker gets another task': () => {
      const scheduler = new Scheduler().join(0, 0)
      scheduler.submit(1, graph(0, [[], []], { targets: [0, 1] })).claim(compute(0, 0))
      scheduler.at(2, { kind: 'seceded', worker: 0, tasks: [0] }).claim(compute(0, 1))
      scheduler.finish(3, 0, 0).claim().finish(4, 0, 1).claim(done(0))
    },
  },

  replicated: {
    //  0            in memory at worker 0, then at worker 1 too
    'a result with two holders survives the loss of one': () => {
      const scheduler = new Scheduler().join(0, 0).submit(1, graph(0, [[]]))
      scheduler.claim(compute(0, 0)).finish(2, 0, 0).claim(done(0)).join(3, 1)
      scheduler.at(4, { kind: 'replicated', worker: 1, tasks: [0] }).claim()
      expect(scheduler.state.holdersOf(0)).toEqual([0, 1])
      scheduler.at(5, { kind: 'worker-left', worker: 0 }).claim()
      scheduler.at(6, { kind: 'release', run: 0 }).claim(free(1, 0))
    },
    'a copy that is not needed any more is freed': () => {
      const scheduler = new Scheduler().join(0, 0)
      scheduler.at(1, { kind: 'replicated', worker: 0, tasks: [3] }).claim(free(0, 3))
    },
  },

  surplus: {
    //  0            in memory at workers 0 and 1
    'a copy is freed, but not the last one': () => {
      const scheduler = new Scheduler().join(0, 0).submit(1, graph(0, [[]]))
      scheduler.claim(compute(0, 0)).finish(2, 0, 0).claim(done(0)).join(3, 1)
      scheduler.at(4, { kind: 'replicated', worker: 1, tasks: [0] }).claim()
      scheduler.at(5, { kind: 'surplus', worker: 0, tasks: [0] }).claim(free(0, 0))
      scheduler.at(6, { kind: 'surplus', worker: 1, tasks: [0] }).claim()
      expect(scheduler.state.holdersOf(0)).toEqual([1])
    },
  },

  'worker-memory': {
    //  0   1        0 runs at worker 0; worker 1 is paused
    'a paused worker gets no tasks until it has memory again': () => {
      const scheduler = new Scheduler().join(0, 0).join(0, 1)
      scheduler.at(1, { kind: 'worker-memory', worker: 1, stored: 9, isPaused: true }).claim()
      scheduler.submit(2, graph(0, [[], []], { targets: [0, 1] })).claim(compute(0, 0))
      scheduler
        .at(3, { kind: 'worker-memory', worker: 1, stored: 0, isPaused: false })
        .claim(compute(1, 1))
    },
  },
}

describe('tasks whose duration is known before one has run', () => {
  const roots = () => graph(0, [[], [], [], []], { targets: [0, 1, 2, 3] })

  test('are divided between all workers at once', () => {
    const scheduler = new Scheduler().join(0, 0).claim().join(0, 1).claim()
    scheduler.state.expectDuration(0, 0)
    scheduler.submit(1, roots()).claim(compute(0, 0, 2), compute(1, 1, 3))
  })

  test('count as they were seen to last once one has finished', () => {
    const scheduler = new Scheduler().join(0, 0).claim()
    scheduler
      .submit(1, roots())
      .claim(compute(0, 0))
      .finish(2, 0, 0)
      .claim(compute(0, 1, 2, 3))
    scheduler.state.expectDuration(0, 8)
    const again = graph(1, [[], [], []], { targets: [0, 1, 2] })
    scheduler.submit(3, again).claim(compute(0, 4, 5, 6))
  })
})

describe('a worker whose budget is used up', () => {
  /** Runs targets that take `duration` each, in reports of one task; returns what is assigned after each report. */
  function assignedAfter(count: number, duration: number): number[] {
    const scheduler = new Scheduler().join(0, 0).claim()
    const all = Array.from({ length: count }, (_, i) => i)
    const inputs = all.map(() => [])
    scheduler.submit(0, graph(0, inputs, { targets: all })).claim(compute(0, 0))
    return all.slice(0, -1).map((task) => {
      const { state } = scheduler
      const attempts = [state.tasks.attempt[task]!]
      const event = { kind: 'finished', worker: 0, tasks: [task], attempts, nbytes: [0] } as const
      const messages = state.handle({ ...event, durations: [duration] })
      return messages.flatMap((message) => (message.kind === 'compute' ? message.tasks : [])).length
    })
  }

  test('gets the next task when it has only one left that fits', () => {
    expect(assignedAfter(6, 5)).toEqual([2, 1, 1, 1, 0])
  })

  test('gets no small tasks before half of the budget is free', () => {
    expect(assignedAfter(20, 1)).toEqual([8, 0, 0, 0, 0, 5, 0, 0, 0, 0, 5, 0, 0, 0, 0, 1, 0, 0, 0])
  })

  test('gets long tasks one by one', () => {
    expect(assignedAfter(4, 9)).toEqual([1, 1, 1])
  })
})

for (const [kind, cases] of Object.entries(tests)) {
  describe(`event '${kind}'`, () => {
    for (const [name, run] of Object.entries(cases)) test(name, run)
  })
}

describe('illegal transitions', () => {
  //  0 --> 1      somebody needs 1 and never releases it, so that 0 still runs
  test('throw with the story of the task', () => {
    const scheduler = new Scheduler().join(0, 0).submit(1, graph(0, [[], [0]]))
    scheduler.claim(compute(0, 0))
    scheduler.state.tasks.neededBy[1]!++
    expect(() => scheduler.state.handle({ kind: 'release', run: 0 })).toThrow(
      "Invariant broken: task 0 cannot go from 'processing' to 'forgotten'; its story: " +
        'ready, since it reads nothing: queued for when no other task is ready; sent to worker 0',
    )
  })

  const legal: Record<SchedulerTaskState, readonly SchedulerTaskState[]> = {
    forgotten: ['released'],
    released: ['waiting', 'forgotten'],
    waiting: ['queued', 'processing', 'erred', 'released'],
    queued: ['processing', 'waiting', 'erred', 'released'],
    processing: ['memory', 'waiting', 'erred', 'released'],
    memory: ['released'],
    erred: ['released'],
  }

  test('are all that the table does not list', () => {
    for (const from of stateNames) {
      for (const to of stateNames) {
        const { tasks, transitions } = createContext({})
        const slot = tasks.allocate()
        tasks.state[slot] = stateNumbers[from]
        tasks.queue[slot] = -1
        tasks.worker[slot] = -1
        const apply = (): void => transitions.apply(slot, stateNumbers[to])
        const isAtWorker = to === 'processing'
        if (legal[from].includes(to)) {
          if (!isAtWorker) expect(apply, `${from} to ${to}`).not.toThrow()
        } else expect(apply, `${from} to ${to}`).toThrow(`from '${from}' to '${to}'`)
      }
    }
  })

  test('are found in any order of states: the numbers are those of the names', () => {
    expect(stateNames.map((name) => stateNumbers[name])).toEqual([...stateNames.keys()])
  })
})
