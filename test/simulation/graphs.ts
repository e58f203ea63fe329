/**
 * Random graphs for the simulated clients, and their expected results: a plain recursion over tasks that
 * know their inputs, without any of Skein's code.
 */
import { capture } from '../../core/capture.js'
import { LayerGraph } from '../../core/graph/graph.js'
import type { BlockNode, Layer } from '../../core/graph/layer.js'
import { arg, type Recipe } from '../../core/graph/recipe.js'
import { remoteLayer } from '../../core/graph/remote-value.js'
import type { Future } from '../../distributed/client/futures/future.js'
import { below } from '../support/random.js'
import { calculate, type TaskBehavior } from './task-behavior.js'

/** A task, with the data from which its expected result follows. */
export interface KnownTask {
  /** Its key on the cluster. */
  key: string
  readonly text: string
  readonly own: number
  readonly behavior: TaskBehavior
  readonly inputs: readonly KnownTask[]
  /** How often it is run again after it failed. */
  readonly retries: number
}

/** A graph with the expected results of its tasks. */
export interface KnownGraph {
  readonly graph: LayerGraph
  readonly tasks: readonly KnownTask[]
  /** The futures that it reads. */
  readonly reads: readonly Future<unknown>[]
  readonly namedResults: readonly NamedResult[]
}

/** A result that was found under a name, rather than computed by the client that uses it. */
export interface NamedResult {
  /** Whether the name may have been changed since: the result cannot be computed again then. */
  readonly isAtRisk: boolean
}

/** A future with its expected result. */
export interface KnownFuture {
  readonly future: Future<unknown>
  readonly task: KnownTask
  readonly namedResults: readonly NamedResult[]
}

/** Returns the named results that some futures depend on. */
export function namedResultsOf(futures: readonly KnownFuture[]): NamedResult[] {
  return [...new Set(futures.flatMap(({ namedResults }) => namedResults))]
}

const answers = new WeakMap<KnownTask, number>()

/** Returns the value of a task if nothing fails. */
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

/** Returns the tasks that may make a task fail, itself included, and whether it must fail. */
export function failuresOf(task: KnownTask): { may: ReadonlySet<string>; must: boolean } {
  const may = new Set<string>()
  let must = false
  const seen = new Set([task])
  for (const { key, behavior, retries, inputs } of seen) {
    for (const input of inputs) seen.add(input)
    if (behavior === 'fail' || behavior === 'kill' || behavior === 'exit') must = true
    else if (behavior !== 'once' || retries > 0) continue
    may.add(key)
  }
  return { may, must }
}

/** How many different functions the tasks of graphs have, so that some are dropped and sent again. */
const functions = 12

const recipes = new Map<string, Recipe>()

/** Returns the recipe of tasks with a number of inputs, with one of several functions. */
export function recipeOf(inputs: number, variant = 0): Recipe {
  const name = `${inputs} ${variant}`
  const known = recipes.get(name)
  if (known !== undefined) return known
  const own = { variant }
  const recipe: Recipe = {
    steps: [
      {
        fn:
          variant === 0
            ? capture(calculate)
            : capture((text: string, ...inputs: unknown[]) =>
                own.variant > 0 ? calculate(text, ...inputs) : undefined,
              ),
        label: calculate.name,
        args: [arg.param(0), ...Array.from({ length: inputs }, (_, i) => arg.input(i))],
      },
    ],
    inputs,
    params: 1,
  }
  recipes.set(name, recipe)
  return recipe
}

/** The form of a random graph. */
export interface GraphForm {
  readonly name: string
  readonly contentNamed: boolean
  readonly most: number
  readonly retries: number
  /** Results of earlier runs that it may read. */
  readonly earlier: readonly KnownFuture[]
  nextText(): { text: string; own: number; behavior: TaskBehavior }
}

/** Makes a random graph, whose tasks each read up to three earlier tasks or results. */
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
    nodes.push({
      recipe: recipeOf(inputs.length, i % functions),
      inputs: pairs,
      params: [about.text],
    })
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
  const namedResults = namedResultsOf(earlier)
  return { graph: LayerGraph.of(layer), tasks, reads, namedResults }
}
