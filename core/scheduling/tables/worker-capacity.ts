/** The names and resources of a worker, and how much of the resources is in use. */
import type { TaskRestriction } from '../interface/submission.js'
import { WorkerNames } from './worker-names.js'

/** The names and resources that a worker reports when it joins. */
export interface WorkerOffer {
  readonly names?: readonly string[]
  /** The names of its host. */
  readonly hosts?: readonly string[]
  readonly resources?: Readonly<Record<string, number>>
}

export class WorkerCapacity {
  readonly names: WorkerNames
  readonly total: Readonly<Record<string, number>>
  private readonly used: Record<string, number> = {}

  constructor({ names = [], hosts = [], resources = {} }: WorkerOffer) {
    this.names = new WorkerNames(names, hosts)
    this.total = resources
  }

  /** Whether a task with this restriction is to run here, if it can choose. */
  isChosen({ workers }: TaskRestriction): boolean {
    return workers?.some((name) => this.names.match(name)) !== false
  }

  /** Whether a task with this restriction can run here when no other task does. */
  canEverRun(restriction: TaskRestriction): boolean {
    if (restriction.allowsOthers !== true && !this.isChosen(restriction)) return false
    const { resources } = restriction
    for (const name in resources) if (!((this.total[name] ?? 0) >= resources[name]!)) return false
    return true
  }

  /** Whether it can run here now. */
  canRunNow(restriction: TaskRestriction): boolean {
    if (!this.canEverRun(restriction)) return false
    const { resources } = restriction
    for (const name in resources)
      if ((this.total[name] ?? 0) - (this.used[name] ?? 0) < resources[name]!) return false
    return true
  }

  acquire({ resources }: TaskRestriction): void {
    for (const name in resources) this.used[name] = (this.used[name] ?? 0) + resources[name]!
  }

  release({ resources }: TaskRestriction): void {
    for (const name in resources) this.used[name]! -= resources[name]!
  }
}
