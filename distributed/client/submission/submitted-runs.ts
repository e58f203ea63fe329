/**
 * The submissions of a client that may have to be repeated: to a scheduler that was restarted, or that
 * a message did not reach. Pure.
 *
 * A run is kept until its results are not needed any more, and then for as long as other runs read
 * them, because a new scheduler has to compute them again. Runs are kept in the order of submission,
 * in which each comes after those that it reads.
 */
import type { Submit } from '../../protocol/index.js'

interface SubmittedRun {
  /** The submission as it was last sent. */
  message: Submit
  /** Runs of this client whose results it reads. */
  readonly reads: readonly SubmittedRun[]
  /** The number of kept runs that read it. */
  readers: number
  /** Whether its own results are not needed any more. */
  isOver: boolean
}

/** What to send to a scheduler that knows some runs of this client; each list in order. */
export interface Handover {
  /** Runs to submit again. */
  readonly submit: readonly number[]
  /** Runs that the scheduler knows, to be resumed. */
  readonly resume: readonly number[]
  /** Runs to cancel after the others were submitted. */
  readonly cancel: readonly number[]
}

export class SubmittedRuns {
  private readonly prefix: string
  private readonly runs = new Map<number, SubmittedRun>()

  /** `client` is the name of the client, with which the names of its runs begin. */
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

  /** Returns the submission of a run as it was last sent. */
  messageOf(run: number): Submit {
    return this.runs.get(run)!.message
  }

  /** Replaces the submission of a run. */
  replace(message: Submit): void {
    this.runs.get(message.run)!.message = message
  }

  /** Notes that a run's own results are not needed any more; forgets it unless another run reads it. */
  end(run: number): void {
    const known = this.runs.get(run)
    if (known === undefined || known.isOver) return
    known.isOver = true
    const stack = [known]
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (!next.isOver || next.readers > 0) continue
      // Two runs may have led to the same one.
      if (!this.runs.delete(next.message.run)) continue
      for (const read of next.reads) {
        read.readers--
        stack.push(read)
      }
    }
  }

  /** Returns what to send to a scheduler that knows the runs `known`. */
  handover(known: ReadonlySet<number>): Handover {
    const needed = new Set<SubmittedRun>()
    for (const [number, run] of [...this.runs].reverse()) {
      if (known.has(number) || (run.isOver && !needed.has(run))) continue
      needed.add(run)
      for (const read of run.reads) needed.add(read)
    }
    const submit: number[] = []
    const resume: number[] = []
    const cancel: number[] = []
    for (const [number, run] of this.runs) {
      if (known.has(number)) {
        if (!run.isOver) resume.push(number)
      } else if (needed.has(run)) {
        submit.push(number)
        if (run.isOver) cancel.push(number)
      }
    }
    for (const number of known) if (this.runs.get(number)?.isOver !== false) cancel.push(number)
    return { submit, resume, cancel }
  }
}
