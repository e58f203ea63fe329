/**
 * Layers of products that sum over shared axes: `tensordot` and `einsum`. The axes of arrays have labels. A task adds
 * up the products of several pairs of blocks, as in matrix products.
 */
import { captureCallSite } from '../../../core/base/call-site.js'
import { blockNumber } from '../../../core/base/keys.js'
import type { BlockNode } from '../../../core/graph/layer.js'
import { arg, recipe } from '../../../core/graph/recipe.js'
import { promote } from '../block/dtype.js'
import { commonGrid, forEachBlock, type Grid, numblocksOf } from '../planning/chunk-grid.js'
import { parseEinsum } from '../planning/einsum-plan.js'
import { assertKnown } from '../planning/known-sizes.js'
import { contractStep, diagonalStep } from '../steps/linear-algebra-steps.js'
import { type ArraySpec, indexed, recipesByCount, shapeOf } from './array-spec.js'
import { astypeLayer, elementwiseLayer } from './elementwise-layers.js'
import { indexLayer } from './indexing-layers.js'
import { assertArray } from './operands.js'
import { rechunkTo } from './rechunk-layers.js'
import { reductionLayer, sumFirstAxis } from './reduction-layers.js'
import { expandDimsLayer, transposeLayer } from './reshape-layers.js'

/** An array and the labels of its axes. */
interface Labelled {
  readonly array: ArraySpec
  readonly labels: readonly string[]
}

/** The number of pairs of blocks that one task multiplies and adds up. */
const PAIRS = 4

/** Evaluates a product by the labels of its axes. NumPy: `einsum`. */
export function einsumLayer(subscripts: unknown, arrays: readonly unknown[]): ArraySpec {
  const sources = arrays.map((array) => {
    assertArray(array, 'einsum')
    return array
  })
  const { inputs, output } = parseEinsum(
    subscripts,
    sources.map((array) => array.chunks.length),
  )
  const dtype = sources.map((array) => array.dtype).reduce(promote)
  const sizes = sizesOf(sources, inputs)
  let terms = sources.map((array, i) =>
    withoutRepeats({ array: astypeLayer(array, dtype), labels: inputs[i]! }, sizes),
  )
  while (terms.length > 1) {
    const [i, j] = cheapestPair(terms, output, sizes)
    const others = terms.filter((_, k) => k !== i && k !== j)
    const kept = new Set([...output, ...others.flatMap(({ labels }) => labels)])
    terms = [
      ...others,
      contract(summed(terms[i]!, kept, terms[j]), summed(terms[j]!, kept, terms[i]), kept),
    ]
  }
  return inOrder(summed(terms[0]!, new Set(output)), output)
}

/** Returns the size of each label. Throws if two axes with one label differ and neither has size 1. */
function sizesOf(
  arrays: readonly ArraySpec[],
  inputs: readonly (readonly string[])[],
): Map<string, number> {
  const sizes = new Map<string, number>()
  arrays.forEach((array, i) => {
    assertKnown(array.chunks, 'einsum')
    const shape = shapeOf(array)
    inputs[i]!.forEach((label, axis) => {
      const size = shape[axis]!
      const known = sizes.get(label) ?? 1
      if (known !== 1 && size !== 1 && known !== size) {
        throw new RangeError(
          `einsum: axis ${axis} of operand ${i}, of shape [${shape}], has size ${size}; another axis with its label has ${known}`,
        )
      }
      sizes.set(label, known === 1 ? size : known)
    })
  })
  return sizes
}

/** Takes diagonals of axes with one label, and drops axes of size 1 that would repeat. */
function withoutRepeats(term: Labelled, sizes: ReadonlyMap<string, number>): Labelled {
  let { array, labels } = term
  for (let axis = labels.length - 1; axis >= 0; axis--) {
    const shape = shapeOf(array)
    if (shape[axis] === 1 && sizes.get(labels[axis]!) !== 1) {
      const position = axis
      array = indexLayer(
        array,
        shape.map((_, a) => (a === position ? 0 : ':')),
      )
      labels = labels.filter((_, a) => a !== position)
    }
  }
  for (;;) {
    const second = labels.findIndex((label, axis) => labels.indexOf(label) < axis)
    if (second < 0) return { array, labels }
    const first = labels.indexOf(labels[second]!)
    array = diagonalLayer(array, first, second)
    const label = labels[first]!
    labels = [...labels.filter((_, axis) => axis !== first && axis !== second), label]
  }
}

/** Returns the diagonal of two axes, as the last axis. */
export function diagonalLayer(array: ArraySpec, first: number, second: number): ArraySpec {
  const shape = shapeOf(array)
  const size = Math.min(shape[first]!, shape[second]!)
  const cut = indexLayer(
    array,
    shape.map((_, axis) => (axis === first || axis === second ? `:${size}` : ':')),
  )
  const common = commonGrid([[cut.chunks[first]!], [cut.chunks[second]!]], [size])[0]!
  const source = rechunkTo(
    cut,
    cut.chunks.map((sizes, axis) => (axis === first || axis === second ? common : sizes)),
  )
  const others = shape.map((_, axis) => axis).filter((axis) => axis !== first && axis !== second)
  const chunks: Grid = [...others.map((axis) => source.chunks[axis]!), common]
  const step = recipe(diagonalStep, [arg.input(0), arg.value([first, second])], {
    label: 'diagonal',
    site: captureCallSite(),
  })
  const numblocks = numblocksOf(source.chunks)
  const nodes: BlockNode[] = []
  forEachBlock(chunks, (at) => {
    const block = numblocks.map(() => at.at(-1)!)
    others.forEach((axis, i) => {
      block[axis] = at[i]!
    })
    nodes.push({ recipe: step, inputs: [0, blockNumber(block, numblocks)], params: [] })
  })
  const content = [first, second]
  return indexed({
    operation: 'diagonal',
    sources: [source],
    nodes,
    dtype: array.dtype,
    chunks,
    content,
  })
}

/** Sums over the labels that neither `kept` nor the other operand has. */
function summed(term: Labelled, kept: ReadonlySet<string>, other?: Labelled): Labelled {
  const isKept = (label: string) => kept.has(label) || other?.labels.includes(label) === true
  const axis = term.labels.flatMap((label, a) => (isKept(label) ? [] : [a]))
  if (axis.length === 0) return term
  return { array: sumOver(term.array, axis), labels: term.labels.filter(isKept) }
}

/** Sums over axes in the dtype of the array; of bools, whether any is true. */
function sumOver(array: ArraySpec, axis: readonly number[]): ArraySpec {
  if (array.dtype === 'bool') return reductionLayer(array, 'any', { axis })
  return astypeLayer(reductionLayer(array, 'sum', { axis }), array.dtype)
}

/** Returns the positions of the two operands whose product is smallest. */
function cheapestPair(
  terms: readonly Labelled[],
  output: readonly string[],
  sizes: ReadonlyMap<string, number>,
): [number, number] {
  let best: [number, number] = [0, 1]
  let least = Infinity
  for (let i = 0; i < terms.length; i++) {
    for (let j = i + 1; j < terms.length; j++) {
      const kept = new Set([
        ...output,
        ...terms.flatMap(({ labels }, k) => (k === i || k === j ? [] : labels)),
      ])
      const labels = new Set([...terms[i]!.labels, ...terms[j]!.labels])
      let size = 1
      for (const label of labels) if (kept.has(label)) size *= sizes.get(label)!
      if (size < least) {
        least = size
        best = [i, j]
      }
    }
  }
  return best
}

/** Multiplies two arrays and sums over the labels that are not kept. */
function contract(a: Labelled, b: Labelled, kept: ReadonlySet<string>): Labelled {
  const shared = a.labels.filter((label) => b.labels.includes(label))
  const batch = shared.filter((label) => kept.has(label))
  const inner = shared.filter((label) => !kept.has(label))
  const own = (term: Labelled) => term.labels.filter((label) => !shared.includes(label))
  const [left, right] = [own(a), own(b)]
  if (inner.length === 0 || (left.length === 0 && right.length === 0)) {
    const labels = [...batch, ...left, ...right, ...inner]
    const product = elementwiseLayer('multiply', [spread(a, labels), spread(b, labels)])
    const axis = inner.map((_, i) => labels.length - inner.length + i)
    return {
      array: axis.length === 0 ? product : sumOver(product, axis),
      labels: labels.slice(0, labels.length - inner.length),
    }
  }
  return {
    array: multiplyBlocks(
      inOrder(a, [...batch, ...left, ...inner]),
      inOrder(b, [...batch, ...inner, ...right]),
      {
        batch: batch.length,
        inner: inner.length,
      },
    ),
    labels: [...batch, ...left, ...right],
  }
}

/** Returns an array with its axes in the order of labels. */
function inOrder({ array, labels }: Labelled, order: readonly string[]): ArraySpec {
  return transposeLayer(
    array,
    order.map((label) => labels.indexOf(label)),
  )
}

/** Returns an array with its axes in the order of labels, and axes of size 1 for those that it lacks. */
function spread(term: Labelled, order: readonly string[]): ArraySpec {
  const own = order.filter((label) => term.labels.includes(label))
  return order.reduce(
    (array, label, axis) => (own.includes(label) ? array : expandDimsLayer(array, axis)),
    inOrder(term, own),
  )
}

/** The numbers of axes that both operands share: leading ones that stay, and those that are summed. */
export interface SharedAxes {
  readonly batch: number
  readonly inner: number
}

/**
 * Multiplies arrays with axes `batch, left, inner` and `batch, inner, right`: the result has
 * `batch, left, right`.
 */
export function multiplyBlocks(
  a: ArraySpec,
  b: ArraySpec,
  { batch, inner }: SharedAxes,
): ArraySpec {
  const split = a.chunks.length - inner
  const shape = shapeOf(a)
  const common = (axisA: number, axisB: number) =>
    commonGrid([[a.chunks[axisA]!], [b.chunks[axisB]!]], [shape[axisA]!])[0]!
  const lead = Array.from({ length: batch }, (_, i) => common(i, i))
  const middle = Array.from({ length: inner }, (_, i) => common(split + i, batch + i))
  const left = rechunkTo(a, [...lead, ...a.chunks.slice(batch, split), ...middle])
  const right = rechunkTo(b, [...lead, ...middle, ...b.chunks.slice(batch + inner)])
  const chunks: Grid = [...left.chunks.slice(0, split), ...right.chunks.slice(batch + inner)]
  const pairs: (readonly number[])[] = []
  forEachBlock(middle, (at) => pairs.push([...at]))
  const groups = Math.ceil(pairs.length / PAIRS)
  const grid: Grid = groups === 1 ? chunks : [new Array<number>(groups).fill(1), ...chunks]
  const site = captureCallSite()
  const recipeFor = recipesByCount((count) => {
    const shared = { batch, inner }
    const args = [
      arg.inputs(0, count),
      arg.inputs(count, count),
      arg.value(shared),
      arg.value(groups > 1),
    ]
    return recipe(contractStep, args, { label: 'contract', site })
  })
  const nodes: BlockNode[] = []
  forEachBlock(grid, (at) => {
    const own = groups === 1 ? at : at.slice(1)
    const from = groups === 1 ? 0 : at[0]! * PAIRS
    const some = pairs.slice(from, from + PAIRS)
    const leftInput = (middleAt: readonly number[]) => [
      0,
      blockNumber([...own.slice(0, split), ...middleAt], numblocksOf(left.chunks)),
    ]
    const rightInput = (middleAt: readonly number[]) => [
      1,
      blockNumber(
        [...own.slice(0, batch), ...middleAt, ...own.slice(split)],
        numblocksOf(right.chunks),
      ),
    ]
    const inputs = [...some.flatMap(leftInput), ...some.flatMap(rightInput)]
    nodes.push({ recipe: recipeFor(some.length), inputs, params: [] })
  })
  const operation = groups === 1 ? 'contract' : 'contract-partial'
  const content = [batch, inner]
  const product = indexed({
    operation,
    sources: [left, right],
    nodes,
    dtype: a.dtype,
    chunks: grid,
    content,
  })
  if (groups === 1) return product
  return a.dtype === 'bool'
    ? reductionLayer(product, 'any', { axis: 0 })
    : astypeLayer(sumFirstAxis(product), a.dtype)
}
