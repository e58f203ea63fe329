/**
 * Virtual time: a queue of events, each of which belongs to a simulated process. While it is installed, it
 * replaces the timers and the clock of this program.
 *
 * Events of a stopped process are held until it goes on; events of a killed process are dropped. Events
 * at the same time happen in the order in which they were added.
 */

/** A simulated process, which can be killed, or stopped and resumed. */
export class Process {
  readonly name: string
  readonly pid: number
  status: 'running' | 'stopped' | 'dead' = 'running'
  /** Events that came while it was stopped. */
  held: Event[] = []

  constructor(name: string, pid: number) {
    this.name = name
    this.pid = pid
  }
}

interface Event {
  at: number
  readonly number: number
  readonly process: Process | undefined
  readonly every: number
  run: (() => void) | undefined
}

/** A timer handle, like Node's. */
class Timer {
  readonly event: Event
  constructor(event: Event) {
    this.event = event
  }
  unref(): this {
    return this
  }
  ref(): this {
    return this
  }
}

/** The longest chain of promises that one event settles. */
const generations = 24

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  setImmediate: globalThis.setImmediate,
  clearImmediate: globalThis.clearImmediate,
  rss: process.memoryUsage.rss,
  pid: process.pid,
}

export class VirtualTime {
  /** Milliseconds since the beginning. */
  now = 0
  /** How many events there were. */
  count = 0
  /** The process whose event is handled now. */
  current: Process | undefined
  private readonly heap: Event[] = []
  private nextNumber = 0
  /** Promises that take real time and no virtual time. */
  private readonly awaited = new Set<Promise<unknown>>()

  /** Lets no virtual time pass before a promise is settled. */
  wait<T>(done: Promise<T>): Promise<T> {
    this.awaited.add(done)
    const forget = (): void => void this.awaited.delete(done)
    done.then(forget, forget)
    return done
  }

  /** Adds an event after some milliseconds, of a process or of the world. */
  after(delay: number, process: Process | undefined, run: () => void, every = 0): Event {
    const at = this.now + Math.max(0, delay)
    const event = { at, number: this.nextNumber++, process, every, run }
    this.push(event)
    return event
  }

  /** Calls a function as a process. */
  within<T>(process: Process, body: () => T): T {
    const former = this.current
    this.current = process
    try {
      return body()
    } finally {
      this.current = former
    }
  }

  /** Kills a process and drops its events. */
  kill(process: Process): void {
    process.status = 'dead'
    process.held = []
  }

  /** Stops a process and holds its events. */
  stop(process: Process): void {
    if (process.status === 'running') process.status = 'stopped'
  }

  /** Resumes a process with the events that came meanwhile. */
  resume(process: Process): void {
    if (process.status !== 'stopped') return
    process.status = 'running'
    for (const event of process.held) {
      event.at = this.now
      this.push(event)
    }
    process.held = []
  }

  /** Runs the next event and the promises that it settles; returns false if there is no event. */
  async step(): Promise<boolean> {
    for (let event = this.pop(); event !== undefined; event = this.pop()) {
      const { run, process } = event
      if (run === undefined || process?.status === 'dead') continue
      if (event.at > this.now) this.now = event.at
      if (process?.status === 'stopped') {
        process.held.push(event)
        continue
      }
      this.count++
      this.current = process
      if (event.every > 0) {
        event.at = this.now + event.every
        this.push(event)
      } else event.run = undefined
      run()
      for (let n = 0; n < generations; n++) await undefined
      while (this.awaited.size > 0) {
        await Promise.allSettled(this.awaited)
        for (let n = 0; n < generations; n++) await undefined
      }
      this.current = undefined
      // The real event loop must turn too.
      if (this.count % 1024 === 0) await new Promise((resolve) => real.setImmediate(resolve))
      return true
    }
    return false
  }

  /** Replaces the real timers and clock. */
  install(): void {
    const timer =
      (isRepeated: boolean) =>
      (run: (...args: unknown[]) => void, delay = 0, ...args: unknown[]) => {
        const every = isRepeated ? Math.max(1, delay) : 0
        return new Timer(this.after(Math.max(1, delay), this.current, () => run(...args), every))
      }
    const clear = (timer: Timer | undefined): void => {
      if (timer?.event !== undefined) timer.event.run = undefined
    }
    Object.assign(globalThis, {
      setTimeout: timer(false),
      setInterval: timer(true),
      setImmediate: (run: (...args: unknown[]) => void, ...args: unknown[]) =>
        new Timer(this.after(0, this.current, () => run(...args))),
      clearTimeout: clear,
      clearInterval: clear,
      clearImmediate: clear,
    })
    Object.defineProperty(performance, 'now', { configurable: true, value: () => this.now })
    process.memoryUsage.rss = () => 100_000_000
    Object.defineProperty(process, 'pid', { configurable: true, get: () => this.current?.pid ?? 1 })
  }

  /** Restores the real timers and clock. */
  restore(): void {
    const { rss, pid, ...timers } = real
    Object.assign(globalThis, timers)
    Reflect.deleteProperty(performance, 'now')
    process.memoryUsage.rss = rss
    Object.defineProperty(process, 'pid', { configurable: true, value: pid })
  }

  private push(event: Event): void {
    const { heap } = this
    let at = heap.push(event) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!isBefore(event, heap[above]!)) break
      heap[at] = heap[above]!
      at = above
    }
    heap[at] = event
  }

  private pop(): Event | undefined {
    const { heap } = this
    const first = heap[0]
    const last = heap.pop()
    if (heap.length === 0 || last === undefined) return first
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below++
      if (!isBefore(heap[below]!, last)) break
      heap[at] = heap[below]!
      at = below
    }
    heap[at] = last
    return first
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.number < b.number)
}
