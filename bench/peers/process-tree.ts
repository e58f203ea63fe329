/**
 * A process and all that it started: their CPU time, their peak memory, and how they are ended. Read from
 * `/proc`; where there is none, the figures are undefined and only the process itself is ended.
 */
import { readdirSync, readFileSync } from 'node:fs'

interface Entry {
  readonly pid: number
  readonly parent: number
  /** In clock ticks: of the process and of the children that it waited for. */
  readonly ticks: number
  readonly childTicks: number
  /** When it was started; with the pid, it identifies a process. */
  readonly started: string
}

const ticksPerSecond = 100

function readEntry(pid: number): Entry | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name, in parentheses, may contain anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const at = (i: number) => Number(fields[i])
    return {
      pid,
      parent: at(1),
      ticks: at(11) + at(12),
      childTicks: at(13) + at(14),
      started: fields[19]!,
    }
  } catch {
    return undefined
  }
}

/** Returns a process and its descendants. */
function treeOf(root: number): Entry[] {
  let pids: number[]
  try {
    pids = readdirSync('/proc').map(Number).filter(Number.isInteger)
  } catch {
    return []
  }
  const children = new Map<number, Entry[]>()
  let top: Entry | undefined
  for (const pid of pids) {
    const entry = readEntry(pid)
    if (entry === undefined) continue
    if (pid === root) top = entry
    else children.set(entry.parent, [...(children.get(entry.parent) ?? []), entry])
  }
  const tree = top === undefined ? [] : [top]
  for (const entry of tree) tree.push(...(children.get(entry.pid) ?? []))
  return tree
}

/** Follows a process and all that it starts. */
export class ProcessTree {
  /** The processes seen so far: some may have lost their parent. */
  private readonly seen = new Map<number, string>()

  constructor(private readonly root: number) {}

  private look(): Entry[] {
    const tree = treeOf(this.root)
    for (const { pid, started } of tree) this.seen.set(pid, started)
    return tree
  }

  /** The seconds of CPU time used so far by the living, and by ended ones whose parents waited for them. */
  cpuSeconds(): number | undefined {
    const tree = this.look()
    if (tree.length === 0) return undefined
    return tree.reduce((sum, entry) => sum + entry.ticks + entry.childTicks, 0) / ticksPerSecond
  }

  /** The largest peak of resident memory of one of the processes, in bytes. */
  peakBytes(): number | undefined {
    const peaks = this.look().map(({ pid }) => peakOf(pid))
    return peaks.length === 0 ? undefined : Math.max(...peaks)
  }

  /** Ends every process that was seen and still runs. */
  kill(): void {
    this.look()
    for (const [pid, started] of this.seen) {
      if (readEntry(pid)?.started !== started) continue
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has just ended.
      }
    }
  }
}

function peakOf(pid: number): number {
  try {
    return 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    return 0
  }
}

/** The CPU seconds of this process's children that have ended. */
export function endedChildrenCpu(): number {
  return (readEntry(process.pid)?.childTicks ?? 0) / ticksPerSecond
}
