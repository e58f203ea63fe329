/**
 * Finds the user's own globals that a function reads.
 *
 * Standard globals exist where the function runs. A user's global is captured: under its name if the
 * function uses the name, and as a member of an object that replaces `globalThis` if it is read as
 * `globalThis.mine`. Globals that the function both assigns to and reads go through this object, also where
 * it uses the name alone; those that it only assigns to are set on the global object where it runs.
 */
import { NotPortableError } from '../../base/errors.js'
import { addedByUser, intrinsicPath, isStandardGlobal } from '../engine/intrinsics.js'
import { GLOBALS_NAME } from '../rewrite/reserved-names.js'
import type { UserGlobals } from '../rewrite/source-rewriter.js'
import type { Use } from '../source/scope.js'
import type { SyntaxNode } from '../source/syntax.js'
import { pruneValue } from './used-members.js'

/**
 * Collects the uses of the global object in one function, and refuses uses of members that users added
 * to intrinsics.
 */
export class GlobalUses {
  private readonly uses: GlobalUse[] = []
  /** The uses of globals by their name alone. */
  private readonly byName = new Map<string, readonly Use[]>()
  private readonly path: readonly string[]
  private readonly sourceAfter: (node: SyntaxNode) => string

  /** The global object of the function's context. */
  private readonly global: object

  constructor(path: readonly string[], sourceAfter: (node: SyntaxNode) => string, global: object) {
    this.path = path
    this.sourceAfter = sourceAfter
    this.global = global
  }

  /** Adds the uses of a value if it is an intrinsic. Returns whether the result may be different later. */
  addValue(value: unknown, uses: readonly Use[]): boolean {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
    if (uses.every((use) => use.path.length === 0)) return false
    const path = intrinsicPath(value)
    return path !== undefined && this.addPath(path, uses)
  }

  /** Adds the uses of the intrinsic at a path. Returns whether the result may be different later. */
  addPath(path: readonly string[], uses: readonly Use[]): boolean {
    if (path[0] !== 'globalThis' && path[0] !== 'global') {
      refuseAdded(this.path, path, uses, this.global)
      return false
    }
    refuseAdded(this.path, [], uses, this.global)
    for (const use of uses) this.uses.push({ use, after: this.sourceAfter(use.node) })
    return !uses.every(
      ({ path: [name] }) => name === undefined || isStandardGlobal(name, this.global),
    )
  }

  /** Adds the uses of a user's global by its name alone. */
  addName(name: string, uses: readonly Use[]): void {
    this.byName.set(name, uses)
  }

  /** Returns the globals that are captured under their names, as the function uses only the names. */
  namesOnly(): string[] {
    return [...this.byName.keys()].filter((name) => !this.isMember(name))
  }

  private isMember(name: string): boolean {
    return this.uses.some(({ use: { path } }) => path[0] === name)
  }

  /** Returns the members of the global object that are captured; undefined if there are none. */
  captured(): UserGlobals | undefined {
    const both = [...this.byName].filter(([name]) => this.isMember(name))
    return this.uses.length === 0 ? undefined : userGlobals(this.uses, new Map(both), this.global)
  }
}

/** One use of the global object in a function; `after` is the source code that follows the name. */
interface GlobalUse {
  readonly use: Use
  readonly after: string
}

const simpleAssignment = /^\s*(\.\s*[\w$]+|\[\s*(['"]).*?\2\s*\])\s*=(?![=>])/

/**
 * Finds the members of the global object that were added by the user and that a function reads. It uses those
 * in `byName` by their names alone, too.
 */
function userGlobals(
  uses: readonly GlobalUse[],
  byName: ReadonlyMap<string, readonly Use[]>,
  global: object,
): UserGlobals | undefined {
  const own = ({ use }: GlobalUse) => isUserGlobal(use.path[0], global)
  const read = new Set(
    uses.filter((u) => own(u) && !isAssigned(u)).map(({ use: { path } }) => path[0]!),
  )
  for (const name of byName.keys()) read.add(name)
  if (read.size === 0) return undefined
  const nodes = new Set<SyntaxNode>()
  for (const { use } of uses) if (read.has(use.path[0]!)) nodes.add(use.node)
  // `const { mine, URL } = globalThis` reads several members at one position.
  const here = uses.map(({ use }) => use).filter(({ node, path }) => nodes.has(node) && path.length)
  const members: Record<string, unknown> = {}
  for (const { path } of here) {
    const name = path[0]!
    if (Object.hasOwn(global, name)) members[name] = Reflect.get(global, name)
  }
  const names = new Map([...byName].flatMap(([name, list]) => list.map(({ node }) => [node, name])))
  const used = byName.size > 0 ? members : pruneValue(GLOBALS_NAME, members, here, false)
  return { nodes, names, members: used }
}

function isUserGlobal(name: string | undefined, global: object): boolean {
  return name !== undefined && Object.hasOwn(global, name) && !isStandardGlobal(name, global)
}

function isAssigned({ use, after }: GlobalUse): boolean {
  return use.mutated && use.path.length === 1 && simpleAssignment.test(after)
}

/**
 * Refuses the use of a member that a user added to an object of the language, as it does not exist
 * where the function runs.
 */
function refuseAdded(
  path: readonly string[],
  root: readonly string[],
  uses: readonly Use[],
  global: object,
): void {
  for (const use of uses) {
    const added = addedByUser([...root, ...use.path], global)
    if (added === undefined || added.length <= root.length) continue
    const set = uses.some(
      ({ mutated, path: other }) =>
        mutated &&
        root.length + other.length === added.length &&
        other.every((step, i) => step === added[root.length + i]),
    )
    if (set) continue
    throw new NotPortableError(
      [...path, ...added],
      `it was added to ${added.slice(0, -1).join('.')} here, and is not there where the function ` +
        'runs; put it in a variable of your own and use that',
    )
  }
}
