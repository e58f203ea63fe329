/** Passes errors that no task threw on to the clients whose tasks they may come from. */
import type { StrayErrorNotice, StrayErrorReport } from '../../protocol/index.js'
import type { Computation } from '../computations/computation.js'
import type { RemoteWorker } from '../peers/workers.js'
import type { EngineParts } from './engine-parts.js'

type NoticeTask = StrayErrorNotice['tasks'][number]

/** Sends a worker's report to each client that has submitted one of its tasks, or logs it if none is connected. */
export function passOnStrayError(
  parts: EngineParts,
  { worker, hello }: RemoteWorker,
  { tasks, attempts, ...message }: StrayErrorReport,
): void {
  const byClient = new Map<string, NoticeTask[]>()
  for (let i = 0; i < tasks.length; i++) {
    const found = findTask(parts, worker, tasks[i]!, attempts[i]!)
    if (found === undefined) continue
    const list = byClient.get(found.client)
    if (list === undefined) byClient.set(found.client, [found.task])
    else list.push(found.task)
  }
  let isSent = false
  for (const [client, list] of byClient) {
    if (!parts.clients.isConnected(client)) continue
    isSent = true
    parts.clients.post(client, { ...message, worker: hello.name, tasks: list })
  }
  if (isSent) return
  const keys = [...byClient.values()].flat().map(({ key }) => `'${key}'`)
  const where =
    keys.length === 0
      ? 'a task'
      : keys.length === 1
        ? `task ${keys[0]}`
        : `one of the tasks ${keys.join(', ')}`
  parts.environment.log(
    `an error that nothing caught, in ${where} on ${hello.name}, of which no client is connected: ${message.description}`,
  )
}

/** Finds a task that a worker has run, and the client that has submitted it. It may be forgotten already. */
function findTask(
  { state, forgottenComputations }: EngineParts,
  worker: number,
  slot: number,
  attempt: number,
): { readonly client: string; readonly task: NoticeTask } | undefined {
  const { tasks } = state
  const origin = tasks.group[slot]?.origin as Computation | undefined
  if (origin !== undefined && tasks.attempt[slot] === attempt) {
    const task = tasks.position[slot]!
    return { client: origin.client, task: { run: origin.name, task, key: origin.key(task) } }
  }
  return forgottenComputations.findBySlot(slot, worker, state.story)
}
