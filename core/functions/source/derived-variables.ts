/**
 * Variables that are another name for a part of a value: after `const d = config.deep`, `d.a` is a use
 * of `config.deep.a`.
 *
 * A variable that is assigned to, or declared twice, is not followed; then the whole value that it was
 * initialized with counts as used.
 */
import type { MemberChain } from './member-chains.js'
import { nameOf, type Scope, type ScopedUse } from './scope.js'

interface DerivedVariable {
  readonly chains: readonly MemberChain[]
  /** The scope of the chains. */
  readonly scope: Scope
  isUsedWhole: boolean
}

/**
 * Paths are cut at this length, as two names can refer to each other without end: `const a = b.x, b =
 * a.y`.
 */
const LONGEST_PATH = 12

/** The variables of one tree that are names for parts of other values. */
export class DerivedVariables {
  private readonly byName = new Map<string, Map<Scope, DerivedVariable[]>>()

  /** Records that a variable, declared in `target`, is a name for one of these chains in `scope`. */
  add(name: string, target: Scope, chains: readonly MemberChain[], scope: Scope): void {
    let byScope = this.byName.get(name)
    if (byScope === undefined) this.byName.set(name, (byScope = new Map()))
    const list = byScope.get(target) ?? []
    list.push({ chains, scope, isUsedWhole: false })
    byScope.set(target, list)
    if (list.length > 1) for (const derived of list) derived.isUsedWhole = true
  }

  /** Adds the uses of the underlying values that follow from the uses of these variables. */
  addUses(uses: ScopedUse[]): void {
    if (this.byName.size === 0) return
    for (const use of uses)
      if (use.assigned) for (const derived of this.derivedFor(use)) derived.isUsedWhole = true
    const known = new Set<string>()
    const add = ({ chains, scope }: DerivedVariable, use?: ScopedUse): void => {
      for (const { root, path } of chains) {
        const full = [...path, ...(use?.path ?? [])]
        const isCut = full.length > LONGEST_PATH
        const called = use?.called === true && use.path.length > 0 && !isCut
        const mutated = use?.mutated === true
        const probed = use?.probed === true && !isCut
        const key = `${root.start}${called}${mutated}${probed}\n${full.join('\n')}`
        if (known.has(key)) continue
        known.add(key)
        const name = nameOf(root)!
        const cut = isCut ? full.slice(0, LONGEST_PATH) : full
        uses.push({ name, node: root, scope, path: cut, called, assigned: false, mutated, probed })
      }
    }
    for (const byScope of this.byName.values())
      for (const list of byScope.values())
        for (const derived of list) if (derived.isUsedWhole) add(derived)
    // An added use may be a use of such a variable as well.
    for (let i = 0; i < uses.length; i++)
      for (const derived of this.derivedFor(uses[i]!))
        if (!derived.isUsedWhole) add(derived, uses[i])
  }

  private derivedFor({ name, scope }: ScopedUse): readonly DerivedVariable[] {
    const byScope = this.byName.get(name)
    const declared = byScope && scope.find(name)
    return (declared && byScope.get(declared)) ?? []
  }
}
