/**
 * Groups of functions that must be sent in one bundle.
 *
 * A function and the functions it captures are separate bundles where possible, so that a class or
 * helper that two functions use is the same object for the receiver. Functions that reach the same
 * object, or one another, must share a bundle, or they would no longer share the object. The survey
 * observes a first encoding with everything in one bundle, and then forms the groups.
 */

import type { FunctionSurvey } from '../interfaces.js'

/** A group of functions, with the one function by which other groups refer to it. */
interface Group {
  readonly head: object
  readonly members: ReadonlySet<object>
}

/**
 * Records what the functions of a bundle, or of a value, reach, and groups them by it.
 *
 * The entry is a function, or stands for a value that contains functions. The group of a value has no
 * classes: a class has a token of its own, so that its instances are known everywhere.
 */
export class GroupingSurvey implements FunctionSurvey {
  private readonly entry: object
  /** Whether a function must not be in the group of the entry. */
  private readonly isApart: (fn: object) => boolean
  /** The writers of objects that functions, and the entry itself, found again. */
  private readonly foundAgainBy: (readonly [writer: object, finder: object])[] = []
  /** The roots of the groups that hold a function that must not be in the entry's group. */
  private readonly apart = new Set<object>()
  /** A union-find structure over functions. */
  private readonly parents = new Map<object, object>()
  private readonly edges: (readonly [from: object, to: object])[] = []
  private readonly functionAt = new Map<number, object>()
  currentFunction: object

  constructor(entry: object, isApart: (fn: object) => boolean = () => false) {
    this.entry = entry
    this.isApart = isApart
    this.currentFunction = entry
    this.parents.set(entry, entry)
  }

  wroteObject(position: number): void {
    this.functionAt.set(position, this.currentFunction)
  }

  foundAgain(position: number): void {
    const writer = this.functionAt.get(position)
    if (writer !== undefined && writer !== this.currentFunction)
      this.foundAgainBy.push([writer, this.currentFunction])
  }

  foundFunction(fn: object): void {
    if (!this.parents.has(fn)) {
      this.parents.set(fn, fn)
      if (this.isApart(fn)) this.apart.add(fn)
    }
    if (fn !== this.currentFunction) this.edges.push([this.currentFunction, fn])
  }

  /** Returns the groups, each after those that it refers to; the last one is the entry's. */
  groups(): Group[] {
    const ofEntry = (pair: readonly object[]) => pair.includes(this.entry)
    // What functions share among themselves comes before what they share with the entry.
    for (const pair of this.foundAgainBy) if (!ofEntry(pair)) this.join(...pair)
    while (this.joinCycles()) {
      // Joining groups may create new cycles.
    }
    for (const pair of this.foundAgainBy) if (ofEntry(pair)) this.join(...pair)
    while (this.joinSeveralHeads() || this.joinCycles()) {
      // Joining groups may create new reasons to join.
    }
    const members = new Map<object, Set<object>>()
    const heads = new Map<object, object>()
    for (const fn of this.parents.keys()) {
      const root = this.find(fn)
      const set = members.get(root)
      if (set === undefined) members.set(root, new Set([fn]))
      else set.add(fn)
    }
    for (const [from, to] of this.edges)
      if (this.find(from) !== this.find(to)) heads.set(this.find(to), to)
    heads.set(this.find(this.entry), this.entry)
    return this.ordered().map((root) => ({ head: heads.get(root)!, members: members.get(root)! }))
  }

  /** Joins a group that is referred to by several of its functions with one that refers to it. */
  private joinSeveralHeads(): boolean {
    const heads = new Map<object, object>([[this.find(this.entry), this.entry]])
    let joined = false
    for (const [from, to] of this.edges) {
      const group = this.find(to)
      if (this.find(from) === group) continue
      const head = heads.get(group)
      if (head === undefined) heads.set(group, to)
      else if (head !== to) joined = this.join(from, to) || joined
    }
    return joined
  }

  /** Joins groups that refer to one another in a cycle. */
  private joinCycles(): boolean {
    const successors = this.successors()
    const state = new Map<object, 'open' | 'done'>()
    let joined = false
    const path: { group: object; next: object[] }[] = []
    const enter = (group: object): void => {
      state.set(group, 'open')
      path.push({ group, next: [...(successors.get(group) ?? [])] })
    }
    enter(this.find(this.entry))
    while (path.length > 0) {
      const top = path.at(-1)!
      const next = top.next.pop()
      if (next === undefined) {
        state.set(top.group, 'done')
        path.pop()
      } else if (state.get(next) === undefined) enter(next)
      else if (state.get(next) === 'open') {
        // The cycle is the path from `next` down to here.
        for (let i = path.length - 1; path[i]!.group !== next; i--)
          joined = this.join(path[i]!.group, next) || joined
      }
    }
    return joined
  }

  private successors(): Map<object, Set<object>> {
    const successors = new Map<object, Set<object>>()
    for (const [from, to] of this.edges) {
      const [a, b] = [this.find(from), this.find(to)]
      if (a === b) continue
      const set = successors.get(a)
      if (set === undefined) successors.set(a, new Set([b]))
      else set.add(b)
    }
    return successors
  }

  private ordered(): object[] {
    const successors = this.successors()
    const visited = new Set<object>()
    const order: object[] = []
    const stack = [{ group: this.find(this.entry), leaving: false }]
    while (stack.length > 0) {
      const { group, leaving } = stack.pop()!
      if (leaving) order.push(group)
      else if (!visited.has(group)) {
        visited.add(group)
        stack.push({ group, leaving: true })
        for (const next of successors.get(group) ?? []) stack.push({ group: next, leaving: false })
      }
    }
    return order
  }

  private find(fn: object): object {
    let root = fn
    for (let up = this.parents.get(root)!; up !== root; up = this.parents.get(root)!) root = up
    let at = fn
    while (at !== root) {
      const up = this.parents.get(at)!
      this.parents.set(at, root)
      at = up
    }
    return root
  }

  private join(a: object, b: object): boolean {
    const [rootA, rootB] = [this.find(a), this.find(b)]
    if (rootA === rootB) return false
    const isApart = this.apart.has(rootA) || this.apart.has(rootB)
    const root = this.find(this.entry)
    if (isApart && (rootA === root || rootB === root)) return false
    this.parents.set(rootB, rootA)
    if (isApart) this.apart.add(rootA)
    return true
  }
}
