/** Sentences for the entries of a task's story. */

import type { StoryCode, StoryEntry } from './story.js'
import * as story from './story.js'
import type { SchedulerTaskState } from './task-states.js'

/** The names of tasks and workers in sentences. */
export interface StoryNames {
  task(slot: number): string
  worker(worker: number): string
}

/** The state that each entry leads to. */
const statesAfter: Readonly<Record<StoryCode, SchedulerTaskState>> = {
  [story.WAITS]: 'waiting',
  [story.QUEUED_SHARED]: 'queued',
  [story.QUEUED_AT_WORKER]: 'queued',
  [story.QUEUED_ROOT]: 'queued',
  [story.QUEUED_RESTRICTED]: 'queued',
  [story.QUEUED_ALONE]: 'queued',
  [story.SENT]: 'processing',
  [story.SENT_IN_CHAIN]: 'processing',
  [story.FINISHED]: 'memory',
  [story.FAILED_RETRIES_LEFT]: 'waiting',
  [story.FAILED]: 'erred',
  [story.FAILED_WITH_INPUT]: 'erred',
  [story.FAILED_LOST_WORKERS]: 'erred',
  [story.WORKER_LOST]: 'waiting',
  [story.RESULT_LOST]: 'released',
  [story.INPUTS_MISSING]: 'waiting',
  [story.RECALLED]: 'waiting',
  [story.CANCELLED]: 'released',
  [story.RELEASED_UNFINISHED]: 'released',
  [story.RESULT_FREED]: 'released',
  [story.RETRIED]: 'released',
  [story.SECEDED]: 'processing',
}

/** Returns the state that an entry leads to. */
export function stateAfter(code: StoryCode): SchedulerTaskState {
  return statesAfter[code]
}

type Sentence = (entry: StoryEntry, worker: string, names: StoryNames, attempt: string) => string

const sentences: Readonly<Record<StoryCode, Sentence>> = {
  [story.WAITS]: ({ a }) => `waits for ${countOf(a, 'input')}`,
  [story.QUEUED_SHARED]: () => 'ready: queued for whichever worker has room first',
  [story.QUEUED_AT_WORKER]: (_, worker) =>
    `ready: queued at ${worker}, which holds most bytes of its inputs`,
  [story.QUEUED_ROOT]: () =>
    'ready, since it reads nothing: queued for when no other task is ready',
  [story.QUEUED_RESTRICTED]: () => 'ready: queued for the workers that it may run at',
  [story.QUEUED_ALONE]: ({ a }) =>
    `ready: queued to run alone, since ${countOf(a, 'worker')} ${wasOrWere(a)} lost while running it`,
  [story.SENT]: (_, worker, _names, attempt) => `sent to ${worker}${attempt}`,
  [story.SENT_IN_CHAIN]: (_, worker, _names, attempt) =>
    `sent to ${worker} right behind a task that it reads${attempt}`,
  [story.FINISHED]: ({ a, b }, worker) =>
    `finished at ${worker} in ${round(b)} ms, with ${countOf(a, 'byte')}`,
  [story.FAILED_RETRIES_LEFT]: ({ a }, worker) =>
    `failed at ${worker}; it is tried again, and may fail ${countOf(a, 'more time')}`,
  [story.FAILED]: (_, worker) => `failed at ${worker}`,
  [story.FAILED_WITH_INPUT]: ({ a }, _worker, names) => `failed, since '${names.task(a)}' did`,
  [story.FAILED_LOST_WORKERS]: ({ a }) =>
    `failed, since ${countOf(a, 'worker')} ${wasOrWere(a)} lost while running it`,
  [story.WORKER_LOST]: (_, worker) => `${worker}, which it was assigned to, was lost`,
  [story.RESULT_LOST]: (_, worker) =>
    `the result is lost: ${worker} held it, and has left or does not have it any more`,
  [story.INPUTS_MISSING]: (_, worker) => `returned by ${worker}, which could not fetch its inputs`,
  [story.RECALLED]: (_, worker) =>
    `recalled from ${worker}, since a task that it reads was not finished there`,
  [story.CANCELLED]: (_, worker) => `cancelled at ${worker}: nobody needs it any more`,
  [story.RELEASED_UNFINISHED]: () => 'released before it ran: nobody needs it any more',
  [story.RESULT_FREED]: () => 'the result was dropped: nobody needs it any more',
  [story.RETRIED]: () => 'to be tried again, as a client asked',
  [story.SECEDED]: (_, worker) =>
    `waits at ${worker} for tasks that it started; others may run there meanwhile`,
}

/** Describes an entry; `attempt` counts how often the task was sent to a worker, this time included. */
export function describeEntry(entry: StoryEntry, names: StoryNames, attempt = 0): string {
  const worker = entry.worker < 0 ? 'a worker' : names.worker(entry.worker)
  return sentences[entry.code](entry, worker, names, attempt > 0 ? `, attempt ${attempt}` : '')
}

/** Returns `3 inputs`, `1 input`. */
export function countOf(count: number, what: string): string {
  return `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`
}

function wasOrWere(count: number): string {
  return count === 1 ? 'was' : 'were'
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100
}
