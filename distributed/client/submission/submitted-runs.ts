/**
 * What a client has submitted, as long as it may have to be submitted again: to a scheduler that was
 * started anew, or to one that a message did not reach. Pure.
 *
 * A run is kept until its owner says that it is over, and then for as long as runs that are not over
 * read its results, since a new scheduler can only make theirs from it. Runs are kept in the order of
 * their submission, in which each comes after those that it reads.
 */
import type { Submit } from '../../protocol/index.js'

interface SubmittedRun {
  /** The submission as it was last sent. */
  message: Submit
  /** Runs of this client whose results it reads. */
  readonly reads: readonly SubmittedRun[]
  /** How many runs that are kept read it. */
  readers: number
  isOver: boolean
}

/** What is to be said to a scheduler that knows some runs of this client; each list in order. */
export interface Handover {
  /** Runs that are to be submitted again. */
  readonly submit: readonly number[]
  /** Runs that it knows and that go on. */
  readonly resume: readonly number[]
  /** Runs that are not wanted any more once the others were submitted. */
  readonly drop: readonly number[]
}

export class SubmittedRuns {
  private readonly prefix: string
  private readonly runs = new Map<number, SubmittedRun>()

  /** `client` is the name of the client, by which its runs are known. */
  constructor(client: string) {
    this.prefix = `${client}/`
  }

  get size(): number {
    return this.runs.size
  }

  add(message: Submit): void {
    const reads: SubmittedRun[] = []
    for (const name of message.externals.runs) {
      if (!name.startsWith(this.prefix)) continue
      const read = this.runs.get(Number(name.slice(this.prefix.length)))
      if (read !== undefined) reads.push(read)
    }
    for (const read of reads) read.readers++
    this.runs.set(message.run, { message, reads, readers: 0, isOver: false })
  }

  /** What was last submitted of a run. */
  messageOf(run: number): Submit {
    return this.runs.get(run)!.message
  }

  /** A run is submitted in other words from now on. */
  replace(message: Submit): void {
    this.runs.get(message.run)!.message = message
  }

  /** Nobody needs a run's own results any more. */
  over(run: number): void {
    const known = this.runs.get(run)
    if (known === undefined || known.isOver) return
    known.isOver = true
    const stack = [known]
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (!next.isOver || next.readers > 0) continue
      // It may have been met by two ways.
      if (!this.runs.delete(next.message.run)) continue
      for (const read of next.reads) {
        read.readers--
        stack.push(read)
      }
    }
  }

  /** What a scheduler is to be told that knows these runs. */
  handover(known: ReadonlySet<number>): Handover {
    const needed = new Set<SubmittedRun>()
    for (const [number, run] of [...this.runs].reverse()) {
      if (known.has(number) || (run.isOver && !needed.has(run))) continue
      needed.add(run)
      for (const read of run.reads) needed.add(read)
    }
    const submit: number[] = []
    const resume: number[] = []
    const drop: number[] = []
    for (const [number, run] of this.runs) {
      if (known.has(number)) {
        if (!run.isOver) resume.push(number)
      } else if (needed.has(run)) {
        submit.push(number)
        if (run.isOver) drop.push(number)
      }
    }
    for (const number of known) if (this.runs.get(number)?.isOver !== false) drop.push(number)
    return { submit, resume, drop }
  }
}
