/**
 * The keys of forgotten computations, so that the story of a forgotten task can be told. The numbers of
 * computations and of tasks are bounded; the oldest computations are dropped.
 */
import { columnOf } from '../../../core/base/short-columns.js'
import type { Story, StoryEntry } from '../../../core/scheduling/tables/story.js'
import type { LayerKeys, PackedStrings } from '../../protocol/index.js'
import { findKey, layerKey } from '../../protocol/layer-keys.js'
import { unpackString } from '../../protocol/packed-strings.js'
import type { Computation } from './computation.js'

/** The number of computations that are remembered. */
const mostComputations = 2000

interface ForgottenComputation {
  readonly name: string
  readonly client: string
  readonly submittedAt: number
  readonly forgottenAt: number
  readonly keys: PackedStrings | LayerKeys
  readonly slotOf: Int32Array
  /** The numbers of the transitions from its submission to its end. */
  readonly from: number
  readonly to: number
}

/** A task of a forgotten computation. */
interface ForgottenTask {
  readonly run: string
  readonly client: string
  readonly count: number
  readonly submittedAt: number
  readonly forgottenAt: number
  readonly entries: readonly StoryEntry[]
}

export class ForgottenComputations {
  private readonly mostTasks: number
  /** Oldest first. Entries before `first` are dropped. */
  private computations: (ForgottenComputation | undefined)[] = []
  private first = 0
  private tasks = 0

  /** `mostTasks`: the maximum number of tasks; the story does not remember more transitions. */
  constructor(mostTasks: number) {
    this.mostTasks = mostTasks
  }

  /** Adds a computation that is forgotten now. Its tasks had these slots. */
  add(
    { name, client, submittedAt, storyStart, keys }: Computation,
    slotOf: Int32Array,
    story: Story,
  ): void {
    const count = slotOf.length
    if (count === 0 || count > this.mostTasks) return
    this.computations.push({
      ...{ name, client, submittedAt, slotOf },
      forgottenAt: story.now,
      // A column of a received message would keep the whole message alive.
      keys: 'joined' in keys ? { joined: keys.joined, ends: columnOf(keys.ends) } : keys,
      from: storyStart,
      to: story.total,
    })
    this.tasks += count
    while (this.tasks > this.mostTasks || this.computations.length - this.first > mostComputations)
      this.forgetOldest()
  }

  private forgetOldest(): void {
    this.tasks -= this.computations[this.first]!.slotOf.length
    this.computations[this.first++] = undefined
    if (this.first < mostComputations) return
    this.computations = this.computations.slice(this.first)
    this.first = 0
  }

  /** Finds the task that a worker ran in a slot, in the computation forgotten last of those that had the slot. */
  findBySlot(
    slot: number,
    worker: number,
    story: Story,
  ): { client: string; task: { run: string; task: number; key: string } } | undefined {
    for (let i = this.computations.length - 1; i >= this.first; i--) {
      const { keys, slotOf, from, to, name, client } = this.computations[i]!
      const task = slotOf.indexOf(slot)
      if (task < 0 || !story.of(slot, from, to).some((entry) => entry.worker === worker)) continue
      const key = 'joined' in keys ? unpackString(keys, task) : layerKey(keys, task)
      return { client, task: { run: name, task, key } }
    }
    return undefined
  }

  /** Returns the most recently forgotten task that has a key. */
  find(key: string, story: Story): ForgottenTask | undefined {
    for (const { keys, slotOf, from, to, name, ...about } of this.computations
      .slice(this.first)
      .reverse() as ForgottenComputation[]) {
      const [task] = findKey(keys, key)
      if (task === undefined) continue
      const entries = story.of(slotOf[task]!, from, to)
      return { run: name, count: slotOf.length, ...about, entries }
    }
    return undefined
  }
}
