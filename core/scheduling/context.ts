/** The tables and services that the parts of the scheduler's state share; the parts own none of them. */
import type { RunFailure } from './interface/messages.js'
import { Outbox } from './interface/outbox.js'
import { defaultSettings, type SchedulerSettings } from './interface/settings.js'
import { ReadyQueues } from './tables/ready-queues.js'
import { Replicas } from './tables/replicas.js'
import { Runs } from './tables/runs.js'
import { Story } from './tables/story.js'
import { SuspectTasks } from './tables/suspect-tasks.js'
import { TaskCosts } from './tables/task-costs.js'
import { TaskTable } from './tables/task-table.js'
import { WorkerTable } from './tables/worker-table.js'
import { TaskGroups } from './task-groups.js'
import { Transitions } from './transitions.js'

export interface SchedulerContext {
  readonly settings: SchedulerSettings
  readonly tasks: TaskTable
  readonly story: Story
  readonly outbox: Outbox
  readonly workers: WorkerTable
  readonly suspects: SuspectTasks
  readonly queues: ReadyQueues
  readonly costs: TaskCosts
  readonly runs: Runs
  readonly replicas: Replicas
  /** For each failed task that is still needed, why it failed. */
  readonly failures: Map<number, RunFailure>
  readonly transitions: Transitions
  readonly groups: TaskGroups
}

/** Creates the context of an empty scheduler. */
export function createContext(given: Partial<SchedulerSettings>): SchedulerContext {
  const settings = { ...defaultSettings, ...given }
  const tasks = new TaskTable()
  const story = new Story(settings.storyLength)
  const outbox = new Outbox()
  const workers = new WorkerTable(tasks)
  const suspects = new SuspectTasks(tasks, settings.allowedFailures)
  const queues = new ReadyQueues(tasks, workers)
  const failures = new Map<number, RunFailure>()
  const transitions = new Transitions({ tasks, story, workers, queues, failures })
  const groups = new TaskGroups(tasks, transitions, ({ origin, slotOf }) =>
    outbox.add({ kind: 'forgotten', origin, slotOf }),
  )
  return {
    settings,
    tasks,
    story,
    outbox,
    workers,
    suspects,
    queues,
    costs: new TaskCosts(tasks, settings),
    runs: new Runs(),
    replicas: new Replicas(tasks, workers, outbox),
    failures,
    transitions,
    groups,
  }
}
