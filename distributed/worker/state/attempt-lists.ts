/** Lists of tasks with their attempts, one for each thread or worker that they concern. */

export type AttemptLists = Map<number, AttemptList>

interface AttemptList {
  readonly tasks: number[]
  readonly attempts: number[]
}

/** Adds a task to the list of `target`. */
export function appendAttempt(
  lists: AttemptLists,
  target: number,
  task: number,
  attempt: number,
): void {
  const list = lists.get(target)
  if (list === undefined) lists.set(target, { tasks: [task], attempts: [attempt] })
  else {
    list.tasks.push(task)
    list.attempts.push(attempt)
  }
}

/** Passes every list to `take` and removes it. */
export function drainLists(
  lists: AttemptLists,
  take: (target: number, list: AttemptList) => void,
): void {
  if (lists.size === 0) return
  for (const [target, list] of lists) take(target, list)
  lists.clear()
}
