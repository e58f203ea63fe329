/**
 * Variables that stand for a part of something else: after `const d = config.deep`, `d.a` is a use of
 * `config.deep.a`.
 *
 * A variable that is ever assigned to, or declared twice, stands for nothing; all of what it was given
 * counts as used then.
 */
import type { Chain } from './member-chains.js'
import { type Noted, nameOf, type Scope } from './scope.js'

interface Reading {
  readonly chains: readonly Chain[]
  /** Where the chains stand. */
  readonly scope: Scope
  whole: boolean
}

/** Paths are cut here, as what two names say of each other has no end: `const a = b.x, b = a.y`. */
const LONGEST_PATH = 12

/** The variables of one tree that stand for parts of something else. */
export class Readings {
  private readonly byName = new Map<string, Map<Scope, Reading[]>>()

  /** Remembers that a variable, declared in `target`, stands for one of these chains in `scope`. */
  add(name: string, target: Scope, chains: readonly Chain[], scope: Scope): void {
    let byScope = this.byName.get(name)
    if (byScope === undefined) this.byName.set(name, (byScope = new Map()))
    const list = byScope.get(target) ?? []
    list.push({ chains, scope, whole: false })
    byScope.set(target, list)
    if (list.length > 1) for (const reading of list) reading.whole = true
  }

  /** Adds what the uses of these variables mean for what they stand for. */
  resolve(uses: Noted[]): void {
    if (this.byName.size === 0) return
    for (const use of uses)
      if (use.written) for (const reading of this.of(use)) reading.whole = true
    const known = new Set<string>()
    const add = ({ chains, scope }: Reading, use?: Noted): void => {
      for (const { root, path } of chains) {
        const full = [...path, ...(use?.path ?? [])]
        const isCut = full.length > LONGEST_PATH
        const called = use?.called === true && use.path.length > 0 && !isCut
        const changed = use?.changed === true
        const probed = use?.probed === true && !isCut
        const key = `${root.start}${called}${changed}${probed}\n${full.join('\n')}`
        if (known.has(key)) continue
        known.add(key)
        const name = nameOf(root)!
        const cut = isCut ? full.slice(0, LONGEST_PATH) : full
        uses.push({ name, node: root, scope, path: cut, called, written: false, changed, probed })
      }
    }
    for (const byScope of this.byName.values())
      for (const list of byScope.values())
        for (const reading of list) if (reading.whole) add(reading)
    // What is added may be a use of such a variable as well.
    for (let i = 0; i < uses.length; i++)
      for (const reading of this.of(uses[i]!)) if (!reading.whole) add(reading, uses[i])
  }

  private of({ name, scope }: Noted): readonly Reading[] {
    const byScope = this.byName.get(name)
    const declared = byScope && scope.find(name)
    return (declared && byScope.get(declared)) ?? []
  }
}
