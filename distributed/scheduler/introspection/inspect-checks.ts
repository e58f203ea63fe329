/** Checks of clients' questions, beyond the types of their fields. */
import type { Inspect, InspectedTask } from '../../protocol/index.js'

/** Returns what is invalid in a question, or undefined. */
export function findInspectFault({ tasks, workers, limit }: Inspect): string | undefined {
  const areTasks =
    tasks === null ||
    (Array.isArray(tasks) &&
      tasks.every(
        (task: Partial<InspectedTask> | null) =>
          typeof task?.key === 'string' &&
          (task.run === null || typeof task.run === 'string') &&
          Number.isInteger(task.target),
      ))
  if (!areTasks) return 'the list of tasks'
  const areWorkers =
    workers === null ||
    (Array.isArray(workers) && workers.every((name) => typeof name === 'string'))
  if (!areWorkers) return 'the list of workers'
  return limit >= 0 ? undefined : 'the limit'
}
