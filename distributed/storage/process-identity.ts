/**
 * The identity of the process that owns a folder on disk. Other processes use it to find out whether the
 * owner is running.
 *
 * A process ID alone is not enough: IDs are reused, and each PID namespace, such as that of a container,
 * numbers its own. So an identity also has the start time of the process, its PID namespace, and the boot
 * of the system. A process in another namespace cannot be found by its ID; `folder-claim.ts` finds it by
 * a socket.
 */
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

export interface ProcessIdentity {
  readonly hostname: string
  /** The ID of the boot of the system, which is new each time; '' if that is not known. */
  readonly boot: string
  /** The PID namespace, which is unique while it exists; '' where there are none. */
  readonly namespace: string
  readonly pid: number
  /** When the process started, in clock ticks since the boot; 0 if that is not known. */
  readonly started: number
}

/** Returns the identity of this process. */
export function ownIdentity(): ProcessIdentity {
  return {
    hostname: hostname(),
    boot: attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()) ?? '',
    namespace: attempt(() => /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0]) ?? '',
    pid: process.pid,
    started: startTime('self') ?? 0,
  }
}

/** Whether a process is on this system, in its present boot; containers of one system are. */
export function isOfThisSystem({ boot, hostname }: ProcessIdentity): boolean {
  const own = ownIdentity()
  return boot === own.boot && (boot !== '' || hostname === own.hostname)
}

/** Whether a process is running; undefined if its ID does not show that. */
export function isProcessRunning(other: ProcessIdentity): boolean | undefined {
  if (!isOfThisSystem(other) || other.namespace !== ownIdentity().namespace) return undefined
  const { pid, started } = other
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  if (!isProcOfThisNamespace()) return true
  // A process that has ended is still listed until its parent has asked how it ended.
  if (statOf(pid)?.[0] === 'Z') return false
  const now = startTime(pid)
  return started === 0 || now === undefined || now === started
}

/** Whether /proc shows the IDs of this process's namespace; it may be that of the system outside. */
function isProcOfThisNamespace(): boolean {
  return attempt(() => readlinkSync('/proc/self')) === String(process.pid)
}

/** Returns when a process started, in clock ticks since the boot; undefined if that is not known. */
function startTime(pid: number | 'self'): number | undefined {
  const fields = statOf(pid)
  return fields === undefined ? undefined : Number(fields[19])
}

/** Returns what /proc says of a process, from its state on; undefined if it says nothing. */
function statOf(pid: number | 'self'): string[] | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'latin1'))
  // The name of the program comes first, in parentheses, and may contain anything.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    // Not Linux, or no such process.
    return undefined
  }
}
