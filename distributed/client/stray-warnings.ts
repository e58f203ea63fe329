/** Warnings about errors on workers that no task of this client threw, such as of promises that nobody awaits. */
import { describeTasks, sourceOf, type TaskSource } from '../../core/run/threads/reported-tasks.js'
import { strayWarning } from '../../core/run/threads/stray-warning.js'
import { logEvent } from '../base/log.js'
import type { StrayErrorNotice } from '../protocol/index.js'
import type { TaskSources } from './futures/task-sources.js'

/** The number of different warnings after which none are printed any more. */
const mostWarnings = 1000

export class StrayWarnings {
  private readonly sources: TaskSources
  private readonly printed = new Set<string>()

  constructor(sources: TaskSources) {
    this.sources = sources
  }

  /** Prints a warning; the same one only once. */
  warn(notice: StrayErrorNotice): void {
    const { worker, origin, description, stack, isRunning } = notice
    const tasks = notice.tasks.map(({ run, task, key }): TaskSource => {
      const known = this.sources.find(run, task)
      if (known !== undefined) return sourceOf(known.source, known.task)
      return { key, operations: [], site: { location: undefined } }
    })
    const error = { origin, description, stack, isRunning, tasks: [] }
    const warning = strayWarning(error, `${describeTasks(tasks)} on ${worker}`)
    if (this.printed.has(warning) || this.printed.size >= mostWarnings) return
    this.printed.add(warning)
    logEvent('client', warning)
  }
}
