/**
 * The possible values of the names in a world, as far as its users can know: a change that was not
 * answered, or that overlapped with another one, leaves more than one possibility.
 */
import type { KnownTask, NamedResult } from './graphs.js'

/** A named future or collection. */
export interface KnownNamed {
  /** Its identity: the key of a future, the name of a collection. */
  readonly mark: string
  /** The results that it refers to. */
  readonly tasks: readonly KnownTask[]
  /** The tasks of a collection over these, computed on demand. */
  readonly lazy: readonly KnownTask[]
}

/** The value of a name; undefined if it has none. */
export type Found = KnownNamed | undefined

interface Entry {
  possible: Set<Found>
  /** How many changes are not answered. */
  open: number
  /** How many changes have begun. */
  begun: number
  readonly readers: Set<Set<Found>>
}

/** A change of a name's value that is in progress. */
export interface Change {
  /** Ends it: it was made, it was not made, or this is not known. */
  end(how: 'done' | 'undone' | 'unknown'): void
}

/** A request for a name's value that is in progress. */
export interface Look {
  /** The values that the name may have had since the request began. */
  readonly possible: ReadonlySet<Found>
  /** The result that it finds. */
  readonly namedResult: NamedResult
  end(): void
}

export class NameBook {
  /** The names with a single possible value. */
  readonly certain = new Map<string, KnownNamed>()
  private readonly entries = new Map<string, Entry>()

  /** All names that were ever used. */
  get all(): string[] {
    return [...this.entries.keys()]
  }

  /** Begins a change of a name's value. */
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

  /** Begins a request for a name's value. */
  look(name: string): Look {
    const entry = this.entryOf(name)
    const { readers, begun, open } = entry
    const possible = new Set(entry.possible)
    readers.add(possible)
    const namedResult = {
      get isAtRisk() {
        return open > 0 || entry.begun !== begun
      },
    }
    return { possible, namedResult, end: () => void readers.delete(possible) }
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
