/** Questions of clients that make no sense. */
import type { Inspect, InspectedTask } from '../../protocol/index.js'

/** Why a question makes no sense; undefined if it does. */
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
