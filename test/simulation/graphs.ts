/**
 * Random graphs for the simulated clients, and what must come of them: plain recursion over tasks
 * that know their inputs, with nothing of Skein in it.
 */
import { capture } from '../../core/capture.js'
import { LayerGraph } from '../../core/graph/graph.js'
import type { BlockNode, Layer } from '../../core/graph/layer.js'
import { arg, type Recipe } from '../../core/graph/recipe.js'
import { remoteLayer } from '../../core/graph/remote-value.js'
import type { Future } from '../../distributed/client/futures/future.js'
import { below } from '../support/random.js'
import { calculate, type Deed } from './tasks.js'

/** A task, as whoever checks the results knows it. */
export interface KnownTask {
  /** What it is called on the cluster. */
  key: string
  readonly text: string
  readonly own: number
  readonly deed: Deed
  readonly inputs: readonly KnownTask[]
  /** How often it may fail and be tried again. */
  readonly retries: number
}

/** A graph with what must come of its tasks. */
export interface KnownGraph {
  readonly graph: LayerGraph
  readonly tasks: readonly KnownTask[]
  /** What it reads of earlier results. */
  readonly reads: readonly Future<unknown>[]
  readonly loans: readonly Loan[]
}

/** What was found under a name, by others than who made it. */
export interface Loan {
  /** Whether the name may stand for something else by now: then nobody can make it again. */
  readonly isAtRisk: boolean
}

/** A future with what must come of it. */
export interface KnownFuture {
  readonly future: Future<unknown>
  readonly task: KnownTask
  readonly loans: readonly Loan[]
}

/** What some results hang on that was found under names. */
export function loansOf(futures: readonly KnownFuture[]): Loan[] {
  return [...new Set(futures.flatMap(({ loans }) => loans))]
}

const answers = new WeakMap<KnownTask, number>()

/** The value of a task of which nothing fails. */
export function answerOf(task: KnownTask): number {
  let answer = answers.get(task)
  if (answer === undefined) {
    answer = task.own
    let times = 2
    for (const input of task.inputs) answer += times++ * answerOf(input)
    answer %= 1_000_003
    answers.set(task, answer)
  }
  return answer
}

/** The tasks with which a task may fail, and whether it must; itself among them. */
export function failuresOf(task: KnownTask): { may: ReadonlySet<string>; must: boolean } {
  const may = new Set<string>()
  let must = false
  const seen = new Set([task])
  for (const { key, deed, retries, inputs } of seen) {
    for (const input of inputs) seen.add(input)
    if (deed === 'fail' || deed === 'kill' || deed === 'exit') must = true
    else if (deed !== 'once' || retries > 0) continue
    may.add(key)
  }
  return { may, must }
}

const recipes: Recipe[] = []

/** The recipe of tasks with so many inputs. */
export function recipeOf(inputs: number): Recipe {
  return (recipes[inputs] ??= {
    steps: [
      {
        fn: capture(calculate),
        args: [arg.param(0), ...Array.from({ length: inputs }, (_, i) => arg.input(i))],
      },
    ],
    inputs,
    params: 1,
  })
}

/** How graphs are made. */
export interface GraphForm {
  readonly name: string
  readonly contentNamed: boolean
  readonly most: number
  readonly retries: number
  /** Results of earlier runs that it may read. */
  readonly earlier: readonly KnownFuture[]
  nextText(): { text: string; own: number; deed: Deed }
}

/** A random graph: every task reads up to three earlier ones, or earlier results. */
export function makeGraph(random: () => number, form: GraphForm): KnownGraph {
  const { name, earlier, contentNamed, retries } = form
  const count = 1 + below(random, form.most)
  const tasks: KnownTask[] = []
  const nodes: BlockNode[] = []
  const isChain = random() < 0.2
  for (let i = 0; i < count; i++) {
    const inputs: KnownTask[] = []
    const pairs: number[] = []
    for (let n = isChain ? 1 : below(random, 4); n > 0; n--) {
      if (earlier.length > 0 && random() < 0.2) {
        const at = below(random, earlier.length)
        inputs.push(earlier[at]!.task)
        pairs.push(0, at)
      } else if (i > 0) {
        const at = isChain ? i - 1 : below(random, i)
        inputs.push(tasks[at]!)
        pairs.push(-1, at)
      }
    }
    const about = form.nextText()
    tasks.push({ ...about, key: `${name}:${i}`, inputs, retries })
    nodes.push({ recipe: recipeOf(inputs.length), inputs: pairs, params: [about.text] })
  }
  const reads = earlier.map(({ future }) => future)
  const dependencies =
    reads.length === 0 ? [] : [remoteLayer(`${name}-reads`, [reads.length], reads)]
  const layer: Layer = {
    name,
    numblocks: [count],
    dependencies,
    contentNamed,
    node: (block) => nodes[block]!,
    key: (block) => `${name}:${block}`,
  }
  const loans = loansOf(earlier)
  return { graph: LayerGraph.of(layer), tasks, reads, loans }
}
