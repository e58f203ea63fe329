/**
 * Time that passes only when the simulation says so: a queue of events, each of which belongs to a
 * simulated process. While it is installed, the timers and the clock of this program are its own.
 *
 * What a process has asked for happens while it runs: of one that is stopped it is kept until it goes
 * on, of one that is dead it is dropped. Events of one moment happen in the order in which they were asked for.
 */

/** Something that can die, or be stopped and go on. */
export class Process {
  readonly name: string
  readonly pid: number
  status: 'running' | 'stopped' | 'dead' = 'running'
  /** What came while it was stopped. */
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

/** What timers are known by; does what programs do with Node's own. */
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

/** How many promises may hang on one another that are settled by one event. */
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
  /** Who is doing something now. */
  current: Process | undefined
  private readonly heap: Event[] = []
  private nextNumber = 0
  /** What takes real time and no virtual time. */
  private readonly awaited = new Set<Promise<unknown>>()

  /** Lets no time pass before something real is done. */
  wait<T>(done: Promise<T>): Promise<T> {
    this.awaited.add(done)
    const forget = (): void => void this.awaited.delete(done)
    done.then(forget, forget)
    return done
  }

  /** Has something happen after so many milliseconds, to a process or to the world. */
  after(delay: number, process: Process | undefined, run: () => void, every = 0): Event {
    const at = this.now + Math.max(0, delay)
    const event = { at, number: this.nextNumber++, process, every, run }
    this.push(event)
    return event
  }

  /** Does something in the name of a process. */
  within<T>(process: Process, body: () => T): T {
    const former = this.current
    this.current = process
    try {
      return body()
    } finally {
      this.current = former
    }
  }

  /** Ends a process: nothing of it happens any more. */
  kill(process: Process): void {
    process.status = 'dead'
    process.held = []
  }

  /** Stops a process, whose events are kept. */
  stop(process: Process): void {
    if (process.status === 'running') process.status = 'stopped'
  }

  /** Lets a process go on with what came meanwhile. */
  goOn(process: Process): void {
    if (process.status !== 'stopped') return
    process.status = 'running'
    for (const event of process.held) {
      event.at = this.now
      this.push(event)
    }
    process.held = []
  }

  /** Lets the next event happen, with all that follows from it at once; false if there is none. */
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
      // This program lives on too.
      if (this.count % 1024 === 0) await new Promise((resolve) => real.setImmediate(resolve))
      return true
    }
    return false
  }

  /** Puts this time in the place of the real one. */
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

  /** Puts the real time back. */
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
