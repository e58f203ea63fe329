/** What the parts of the scheduler's state share. */
import type { RunFailure } from './interface/events.js'
import type { Outbox } from './interface/outbox.js'
import type { Placement } from './placement.js'
import type { Replicas } from './tables/replicas.js'
import type { Runs } from './tables/runs.js'
import type { Story } from './tables/story.js'
import type { Suspects } from './tables/suspect-tasks.js'
import type { TaskGroups } from './tables/task-groups.js'
import type { TaskTable } from './tables/task-table.js'

export interface Parts {
  readonly tasks: TaskTable
  /** What became of tasks lately. */
  readonly story: Story
  readonly outbox: Outbox
  readonly groups: TaskGroups
  readonly suspects: Suspects
  readonly placement: Placement
  readonly runs: Runs
  readonly replicas: Replicas
  /** For each failed task that is still wanted, why. */
  readonly failures: Map<number, RunFailure>
}

/** One that reacts to events with what all of them share. */
export abstract class Handler implements Parts {
  readonly tasks: Parts['tasks']
  readonly story: Parts['story']
  readonly outbox: Parts['outbox']
  readonly groups: Parts['groups']
  readonly suspects: Parts['suspects']
  readonly placement: Parts['placement']
  readonly runs: Parts['runs']
  readonly replicas: Parts['replicas']
  readonly failures: Parts['failures']

  constructor(parts: Parts) {
    this.tasks = parts.tasks
    this.story = parts.story
    this.outbox = parts.outbox
    this.groups = parts.groups
    this.suspects = parts.suspects
    this.placement = parts.placement
    this.runs = parts.runs
    this.replicas = parts.replicas
    this.failures = parts.failures
  }
}
