/** What the parts of the scheduler's state share. */
import type { RunFailure } from './events.js'
import type { TaskGroups } from './groups.js'
import type { Outbox } from './outbox.js'
import type { Placement } from './placement.js'
import type { Replicas } from './replicas.js'
import type { Runs } from './runs.js'
import type { Story } from './story.js'
import type { Suspects } from './suspects.js'
import type { TaskTable } from './task-table.js'

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
