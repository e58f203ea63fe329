/**
 * What the tasks of computations that are forgotten were called, for who asks what became of one. Of
 * the oldest nothing is kept: what is remembered is bounded, by computations and by tasks.
 */

import { columnOf } from '../../../core/base/short-columns.js'
import type { Story, StoryEntry } from '../../../core/scheduling/tables/story.js'
import type { LayerKeys, PackedStrings } from '../../protocol/index.js'
import { findKey } from '../../protocol/layer-keys.js'
import type { Computation } from './computation.js'

/** How many computations are remembered. */
const mostComputations = 2000

interface Remembered {
  readonly name: string
  readonly client: string
  readonly submittedAt: number
  readonly forgottenAt: number
  readonly keys: PackedStrings | LayerKeys
  readonly slotOf: Int32Array
  /** The numbers of the transitions between its coming and its being forgotten. */
  readonly from: number
  readonly to: number
}

/** A task of a computation that is forgotten. */
export interface ForgottenTask {
  readonly run: string
  readonly client: string
  readonly count: number
  readonly submittedAt: number
  readonly forgottenAt: number
  readonly entries: readonly StoryEntry[]
}

export class ForgottenComputations {
  private readonly mostTasks: number
  /** Oldest first; those before `first` are not remembered any more. */
  private kept: (Remembered | undefined)[] = []
  private first = 0
  private tasks = 0

  /** `mostTasks` is how many tasks are remembered: of more there is nothing to tell. */
  constructor(mostTasks: number) {
    this.mostTasks = mostTasks
  }

  /** A computation is forgotten; its tasks had these slots. */
  add(
    { name, client, submittedAt, storyStart, keys }: Computation,
    slotOf: Int32Array,
    story: Story,
  ): void {
    const count = slotOf.length
    if (count === 0 || count > this.mostTasks) return
    this.kept.push({
      ...{ name, client, submittedAt, slotOf },
      forgottenAt: story.now,
      // What came over the wire keeps the whole message alive.
      keys: 'joined' in keys ? { joined: keys.joined, ends: columnOf(keys.ends) } : keys,
      from: storyStart,
      to: story.total,
    })
    this.tasks += count
    while (this.tasks > this.mostTasks || this.kept.length - this.first > mostComputations)
      this.forgetOldest()
  }

  private forgetOldest(): void {
    this.tasks -= this.kept[this.first]!.slotOf.length
    this.kept[this.first++] = undefined
    if (this.first < mostComputations) return
    this.kept = this.kept.slice(this.first)
    this.first = 0
  }

  /** The last task of a key that was forgotten. */
  find(key: string, story: Story): ForgottenTask | undefined {
    for (const { keys, slotOf, from, to, name, ...about } of this.kept
      .slice(this.first)
      .reverse() as Remembered[]) {
      const [place] = findKey(keys, key)
      if (place === undefined) continue
      const entries = story.of(slotOf[place]!, from, to)
      return { run: name, count: slotOf.length, ...about, entries }
    }
    return undefined
  }
}
