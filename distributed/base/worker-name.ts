/** The names of workers that are given none. */
import { hostname } from 'node:os'

/** Returns a name that no other worker has. In containers machines and process ids may be the same. */
export function newWorkerName(): string {
  return `${hostname()}-${process.pid}-${crypto.randomUUID().slice(0, 4)}`
}
