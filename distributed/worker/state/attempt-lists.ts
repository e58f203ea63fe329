/** Tasks with their attempts, by the thread or worker that they concern. */
export type Lists = Map<number, AttemptList>

interface AttemptList {
  readonly tasks: number[]
  readonly attempts: number[]
}

export function append(lists: Lists, at: number, task: number, attempt: number): void {
  const list = lists.get(at)
  if (list === undefined) lists.set(at, { tasks: [task], attempts: [attempt] })
  else {
    list.tasks.push(task)
    list.attempts.push(attempt)
  }
}

/** Hands over all lists, and empties them. */
export function takeLists(lists: Lists, take: (at: number, list: AttemptList) => void): void {
  if (lists.size === 0) return
  for (const [at, list] of lists) take(at, list)
  lists.clear()
}
