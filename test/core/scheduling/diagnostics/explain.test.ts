/** Tests of the stories of tasks, the explanations of their states, and the reports of stuck tasks. */
import { expect, test } from 'vitest'
import { explain } from '../../../../core/scheduling/diagnostics/explain.js'
import { StuckTasks } from '../../../../core/scheduling/diagnostics/stuck-tasks.js'
import { whyUnrunnable } from '../../../../core/scheduling/diagnostics/unrunnable.js'
import type { SchedulerMessage } from '../../../../core/scheduling/interface/messages.js'
import type {
  TaskRestriction,
  TaskSubmission,
} from '../../../../core/scheduling/interface/submission.js'
import { SchedulerState } from '../../../../core/scheduling/state.js'
import { FINISHED, Story } from '../../../../core/scheduling/tables/story.js'
import { describeEntry } from '../../../../core/scheduling/tables/story-sentences.js'

const names = { task: (slot: number) => `t${slot}`, worker: (id: number) => `w${id}` }

/** A submission of tasks by the tasks that each reads; the last is the target. Slots are the tasks' numbers. */
function graph(run: number, inputLists: readonly (readonly number[])[], more = {}): TaskSubmission {
  const inputStart = [0]
  for (const inputs of inputLists) inputStart.push(inputStart.at(-1)! + inputs.length)
  const all = [...inputLists.keys()]
  return {
    run,
    count: inputLists.length,
    recipeOf: all.map(() => 0),
    inputStart,
    inputs: inputLists.flat(),
    ranks: all,
    targets: [inputLists.length - 1],
    keeps: true,
    ...more,
  }
}

class World {
  readonly state = new SchedulerState({ budget: 1000, allowedFailures: 3, storyLength: 1000 })
  readonly sent: SchedulerMessage[] = []

  at(now: number, event: Parameters<SchedulerState['handle']>[0]): this {
    this.state.story.now = now
    this.sent.push(...this.state.handle(event))
    return this
  }

  finish(now: number, worker: number, task: number, nbytes = 8): this {
    const attempts = [this.state.tasks.attempt[task]!]
    const columns = { tasks: [task], attempts, nbytes: [nbytes], durations: [2] }
    return this.at(now, { kind: 'finished', worker, ...columns })
  }

  join(now: number, worker: number, qualities = {}): this {
    return this.at(now, { kind: 'worker-joined', worker, nthreads: 1, ...qualities })
  }

  submit(now: number, submission: TaskSubmission): this {
    return this.at(now, { kind: 'submit', submission })
  }

  story(slot: number): string[] {
    return this.state.story.of(slot).map((entry) => `${entry.time}: ${describeEntry(entry, names)}`)
  }

  why(slot: number): string {
    return explain(this.state, slot, names)
  }
}

test('a story keeps the last transitions, in order', () => {
  const story = new Story(4)
  for (let i = 0; i < 10; i++) {
    story.now = i
    story.note(i % 2, FINISHED, 0, i)
  }
  expect(story.total).toBe(10)
  expect(story.last(100).map(({ a }) => a)).toEqual([6, 7, 8, 9])
  expect(story.last(2).map(({ time }) => time)).toEqual([8, 9])
  expect(story.of(1).map(({ a }) => a)).toEqual([7, 9])
  expect(story.of(1, 8).map(({ a }) => a)).toEqual([9])
  expect(story.of(1, 0, 8).map(({ a }) => a)).toEqual([7])
  const none = new Story(0)
  none.note(1, FINISHED)
  expect([none.of(1), none.last(5)]).toEqual([[], []])
})

test('the story of a task tells when it was sent, finished and freed', () => {
  const world = new World().join(0, 0).submit(10, graph(0, [[], [0]]))
  world.finish(25, 0, 0, 100)
  world.at(26, { kind: 'worker-memory', worker: 0, stored: 0, isPaused: false })
  world.finish(30, 0, 1)
  expect(world.story(0)).toEqual([
    '10: ready, since it reads nothing: queued for when no other task is ready',
    '10: sent to w0',
    '25: finished at w0 in 2 ms, with 100 bytes',
    '30: the result was dropped: nobody needs it any more',
  ])
  expect(world.story(1)[0]).toBe('10: waits for 1 input')
  expect(world.why(1)).toBe('is done; w0 holds its result of 8 bytes, which 1 computation wants')
  expect(world.why(0)).toContain('is needed by nobody')
})

test('the loss of a worker is in the stories of its tasks and results', () => {
  const world = new World()
    .join(0, 0)
    .join(0, 1)
    .submit(1, graph(0, [[], [0], [1]]))
  world.finish(2, 0, 0)
  world.at(3, { kind: 'worker-left', worker: 0 })
  const lost = world.story(0).find((line) => line.includes('lost'))
  expect(lost).toBe('3: the result is lost: w0 held it, and has left or does not have it any more')
  expect(world.story(1)).toContain('3: w0, which it was assigned to, was lost')
  expect(world.story(0).at(-1)).toBe('3: sent to w1')
})

test('a failure names the task that failed first', () => {
  const world = new World()
    .join(0, 0)
    .submit(1, graph(0, [[], [0], [1]], { settingsOf: () => ({ retries: 1 }) }))
  const fail = (now: number): void => {
    const attempt = world.state.tasks.attempt[0]!
    world.at(now, { kind: 'erred', worker: 0, task: 0, attempt, error: 'no' })
  }
  fail(2)
  expect(world.story(0)).toContain('2: failed at w0; it is tried again, and may fail 0 more times')
  fail(3)
  expect(world.story(0).at(-1)).toBe('3: failed at w0')
  expect(world.story(2).at(-1)).toBe("3: failed, since 't0' did")
  expect(world.why(0)).toBe('has failed, and is needed by nobody now')
  expect(world.why(2)).toBe(
    "has failed, since 't0' did: it threw an error, or returned a value that cannot be sent",
  )
  world.at(4, { kind: 'retry', run: 0, positions: [0] })
  expect(world.story(2)).toContain('4: to be tried again, as a client asked')
  expect(world.why(0)).toBe('is assigned to w0')
})

test('the story of a task that makes workers fail tells that it runs alone, and that it failed', () => {
  const world = new World().submit(0, graph(0, [[]]))
  for (let worker = 0; worker < 3; worker++) {
    world.join(worker, worker)
    world.at(worker, { kind: 'worker-left', worker })
  }
  const story = world.story(0)
  expect(story).toContain(
    '1: ready: queued to run alone, since 2 workers were lost while running it',
  )
  expect(story).toContain('2: w2, which it was assigned to, was lost')
  expect(story.at(-1)).toBe('2: failed, since 3 workers were lost while running it')
  expect(world.why(0)).toBe('has failed: 3 workers were lost while running it')
})

test('tasks that are not needed any more are cancelled or released', () => {
  const world = new World().join(0, 0).submit(1, graph(0, [[], [0]]))
  world.at(2, { kind: 'release', run: 0 })
  expect(world.story(0).at(-1)).toBe('2: cancelled at w0: nobody needs it any more')
  expect(world.story(1).at(-1)).toBe('2: released before it ran: nobody needs it any more')
})

test('the explanation of a waiting task goes down to the task that cannot run', () => {
  const world = new World().submit(0, graph(0, [[], [0], [1]]))
  expect(world.why(0)).toBe('is ready, but there are no workers')
  expect(world.why(2)).toBe(
    "waits for 1 of 1 input: 't1' (waiting); 't0' is ready, but there are no workers",
  )
  world.join(1, 0)
  expect(world.why(2)).toBe("waits for 1 of 1 input: 't1' (waiting); 't0' is assigned to w0")
})

function withRestriction(restriction: TaskRestriction): World {
  const world = new World()
  world.join(0, 0, { names: ['alice', 'tcp://a'], resources: { gpu: 1, disk: 5 } })
  world.join(0, 1, { names: ['bob', 'tcp://b'], resources: { disk: 1 } })
  return world.submit(0, graph(0, [[]], { settingsOf: () => ({ restriction }) }))
}

test.each([
  [{ resources: { gpu: 2 } }, 'it asks for 2 gpu, and no worker has so much: the most is 1'],
  [{ resources: { tpu: 1 } }, 'it asks for 1 tpu, and no worker has any tpu'],
  [
    { workers: ['carol', 'dave'] },
    "it is to run at 'carol' or 'dave', and no such worker is there; there are 'alice' and 'bob'",
  ],
  [
    { workers: ['bob'], resources: { gpu: 1 } },
    'it asks for 1 gpu, and no worker that it may run at has any gpu',
  ],
  [
    { workers: ['alice', 'bob'], resources: { gpu: 1, disk: 6 } },
    'it asks for 6 disk, and no worker that it may run at has so much: the most is 5',
  ],
  [{ resources: { gpu: 1, disk: 5 } }, undefined],
  [{ workers: ['bob'] }, undefined],
])('the restriction %j is explained if no worker meets it', (restriction, why) => {
  const world = withRestriction(restriction)
  expect(whyUnrunnable(world.state, 0)).toBe(why)
  if (why !== undefined) expect(world.why(0)).toBe(`is ready, but ${why}`)
})

test('resources that no worker has together are explained', () => {
  const world = new World()
  world.join(0, 0, { resources: { gpu: 1 } }).join(0, 1, { resources: { disk: 1 } })
  const restriction = { resources: { gpu: 1, disk: 1 } }
  world.submit(0, graph(0, [[]], { settingsOf: () => ({ restriction }) }))
  expect(world.why(0)).toBe(
    'is ready, but it asks for 1 gpu and 1 disk, and no worker has all of that together',
  )
})

test('resources in use and paused workers are explained', () => {
  const world = new World().join(0, 0, { resources: { gpu: 1 } })
  const restriction = { resources: { gpu: 1 } }
  world.submit(0, graph(0, [[], []], { targets: [0, 1], settingsOf: () => ({ restriction }) }))
  expect(world.why(1)).toBe('is ready, but waits for 1 gpu, which other tasks have at the moment')
  const paused = new World().join(0, 0)
  paused.at(1, { kind: 'worker-memory', worker: 0, stored: 9, isPaused: true })
  paused.submit(2, graph(0, [[], []], { targets: [0, 1] }))
  expect(paused.why(1)).toBe('is ready, but all workers are paused, since they are short of memory')
})

test('a stuck task is reported once, after a while, and again if it is stuck again', () => {
  const world = withRestriction({ resources: { gpu: 2 } })
  const stuck = new StuckTasks(world.state, 1000)
  expect(stuck.look(0)).toEqual([])
  expect(stuck.look(999)).toEqual([])
  const why = 'it asks for 2 gpu, and no worker has so much: the most is 1'
  expect(stuck.look(1000)).toEqual([{ slot: 0, why }])
  expect(stuck.look(5000)).toEqual([])
  world.join(5000, 2, { resources: { gpu: 2 } })
  expect(stuck.look(6000)).toEqual([])
  world.at(6000, { kind: 'worker-left', worker: 2, isPlanned: true })
  expect(stuck.look(6000)).toEqual([])
  expect(stuck.look(7000)).toEqual([{ slot: 0, why }])
})

test('missing workers are reported, but only while there are ready tasks', () => {
  const world = new World()
  const stuck = new StuckTasks(world.state, 1000)
  expect([...stuck.look(0), ...stuck.look(2000)]).toEqual([])
  world.submit(3000, graph(0, [[]]))
  expect(stuck.look(3000)).toEqual([])
  expect(stuck.look(4000)).toEqual([{ slot: -1, why: 'there are no workers' }])
})
