/**
 * What may be kept under the names of a world, as far as its users can know: one whose word was not
 * answered, or crossed another one's, leaves more than one possibility.
 */
import type { KnownTask, Loan } from './graphs.js'

/** What was given a name. */
export interface KnownNamed {
  /** What it is told by: the key of a future, the name of a collection. */
  readonly mark: string
  /** The results that it mentions. */
  readonly tasks: readonly KnownTask[]
  /** What is computed of these when somebody wants it. */
  readonly lazy: readonly KnownTask[]
}

/** What somebody finds who looks for a name; undefined if there is nothing. */
export type Found = KnownNamed | undefined

interface Entry {
  possible: Set<Found>
  /** Changes that are not answered. */
  open: number
  /** How many changes have begun. */
  begun: number
  readonly readers: Set<Set<Found>>
}

/** A change of what is under a name, which is under way. */
export interface Change {
  /** It was answered: it is done, nothing was done, or nobody knows. */
  end(how: 'done' | 'undone' | 'unknown'): void
}

/** Somebody looks what is under a name. */
export interface Look {
  /** What may be found there, any time since the look began. */
  readonly possible: ReadonlySet<Found>
  /** What was found. */
  readonly loan: Loan
  end(): void
}

export class NameBook {
  /** Names of which it is known what is there. */
  readonly certain = new Map<string, KnownNamed>()
  private readonly entries = new Map<string, Entry>()

  /** All that anybody ever named. */
  get all(): string[] {
    return [...this.entries.keys()]
  }

  /** Somebody begins to change what is there. */
  change(name: string, after: Found): Change {
    const entry = this.entryOf(name)
    const before = new Set(entry.possible)
    const number = ++entry.begun
    let isAlone = entry.open === 0
    entry.open++
    for (const possible of [entry.possible, ...entry.readers]) possible.add(after)
    this.settle(name, entry)
    return {
      end: (how) => {
        entry.open--
        isAlone &&= entry.begun === number
        if (isAlone && how === 'done') entry.possible = new Set([after])
        else if (isAlone && how === 'undone') entry.possible = before
        this.settle(name, entry)
      },
    }
  }

  /** Somebody begins to look. */
  look(name: string): Look {
    const entry = this.entryOf(name)
    const { readers, begun, open } = entry
    const possible = new Set(entry.possible)
    readers.add(possible)
    const loan = {
      get isAtRisk() {
        return open > 0 || entry.begun !== begun
      },
    }
    return { possible, loan, end: () => void readers.delete(possible) }
  }

  private entryOf(name: string): Entry {
    let entry = this.entries.get(name)
    if (entry === undefined) {
      entry = { possible: new Set([undefined]), open: 0, begun: 0, readers: new Set() }
      this.entries.set(name, entry)
    }
    return entry
  }

  private settle(name: string, { possible, open }: Entry): void {
    const [found] = possible
    if (open === 0 && possible.size === 1 && found !== undefined) this.certain.set(name, found)
    else this.certain.delete(name)
  }
}
