/** The names and resources of a worker, and how much of the resources is in use. */
import type { TaskRestriction } from '../interface/submission.js'

/** The names and resources that a worker reports when it joins. */
export interface WorkerOffer {
  readonly names?: readonly string[]
  readonly resources?: Readonly<Record<string, number>>
}

export class WorkerCapacity {
  readonly names: ReadonlySet<string>
  readonly total: Readonly<Record<string, number>>
  private readonly used: Record<string, number> = {}

  constructor({ names = [], resources = {} }: WorkerOffer) {
    this.names = new Set(names)
    this.total = resources
  }

  /** Whether a task with this restriction can run here when no other task does. */
  canEverRun({ workers, resources }: TaskRestriction): boolean {
    if (workers !== undefined && !workers.some((name) => this.names.has(name))) return false
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
