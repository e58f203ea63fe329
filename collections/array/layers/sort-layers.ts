/**
 * Layers of sorting. Blocks that hold a whole axis are sorted as they are. Other arrays are rechunked so that blocks
 * do, or, if they have one long axis, sorted in runs that are cut and merged.
 */

import { checkOptions } from '../../../core/base/argument-checks.js'
import { captureCallSite } from '../../../core/base/call-site.js'
import type { BlockNode } from '../../../core/graph/layer.js'
import { arg, recipe } from '../../../core/graph/recipe.js'
import { formatArgument } from '../block/format-argument.js'
import { sizeOf } from '../block/ndarray.js'
import { chunkBounds, type Grid, hasUnknown, joinChunks } from '../planning/chunk-grid.js'
import { normalizeAxis } from '../planning/shape-arguments.js'
import {
  boundCutsStep,
  candidatesStep,
  cutStep,
  mergeRunsStep,
  runPartStep,
  runSamplesStep,
  sortRunStep,
  sortStep,
} from '../steps/sort-steps.js'
import { type ArraySpec, blockwise, indexed, shapeOf } from './array-spec.js'
import { rechunkTo, wholeLanes } from './rechunk-layers.js'
import { reshapeLayer } from './reshape-layers.js'

/** The options of `sort` and `argsort`. */
export interface SortOptions {
  /** The axis, by default the last; null flattens the array first. */
  readonly axis?: number | null | undefined
  /** Whether the greatest element comes first; NaN comes last in any case. The default is false. */
  readonly descending?: boolean | undefined
  /** Whether equal elements keep their order. They always do. */
  readonly stable?: boolean | undefined
}

/** An axis, or options. */
export type SortArgument = number | null | SortOptions

/** The least number of samples that are taken of a run. */
const SAMPLES = 4096
/** The least number of elements of a run: each run is cut for each chunk, so many small ones would take long. */
const LEAST_RUN = 65536

/** Sorts an array along an axis, or returns the positions that would sort it. */
export function sortLayer(
  array: ArraySpec,
  name: 'sort' | 'argsort',
  argument: SortArgument = {},
): ArraySpec {
  const options = typeof argument === 'number' || argument === null ? { axis: argument } : argument
  checkOptions(options, ['axis', 'descending', 'stable'], name)
  const { axis = -1, descending = false, stable = true } = options
  for (const [option, value] of Object.entries({ descending, stable })) {
    if (typeof value === 'boolean') continue
    throw new TypeError(`${name}: ${option} must be true or false; got ${formatArgument(value)}`)
  }
  if (axis === null) {
    return sortLayer(reshapeLayer(array, [-1]), name, { ...options, axis: 0 })
  }
  const along = normalizeAxis(axis, array.chunks.length, name)
  const sorting = { name, axis: along, descending }
  if (array.chunks[along]!.length === 1) return sortLanes(array, sorting)
  const shape = shapeOf(array)
  if (sizeOf(shape) === shape[along]) {
    const runs = rechunkTo(
      array,
      array.chunks.with(along, joinChunks(array.chunks[along]!, LEAST_RUN)),
    )
    const sort = runs.chunks[along]!.length === 1 ? sortLanes : sortRuns
    return rechunkTo(sort(runs, sorting), array.chunks)
  }
  const sorted = sortLanes(wholeLanes(array, along), sorting)
  return hasUnknown(array.chunks) ? sorted : rechunkTo(sorted, array.chunks)
}

interface Sorting {
  readonly name: 'sort' | 'argsort'
  readonly axis: number
  readonly descending: boolean
}

/** Sorts blocks that hold a whole axis. */
function sortLanes(array: ArraySpec, { name, axis, descending }: Sorting): ArraySpec {
  const content = [axis, descending, name === 'argsort']
  return blockwise({
    operation: name,
    fn: sortStep,
    args: [arg.input(0), ...content.map((value) => arg.value(value))],
    inputs: [{ array }],
    dtype: name === 'sort' ? array.dtype : 'int64',
    chunks: array.chunks,
    content,
    costPerElement: 100,
  })
}

/** Sorts the only axis that is longer than 1, in runs. */
function sortRuns(array: ArraySpec, { name, axis, descending }: Sorting): ArraySpec {
  const sizes = array.chunks[axis]!
  const starts = chunkBounds(sizes)
  const count = sizes.length
  const ranks = starts.slice(1, -1)
  const step = stepMaker(name, array.dtype)
  const line: Grid = [sizes]
  const runs = step(
    'runs',
    [array],
    sizes.map((_, i) => ({ inputs: [0, i], params: [starts[i]] })),
    sortRunStep,
    [arg.input(0), arg.value(descending), arg.value(name === 'argsort'), arg.param(0)],
    line,
  )
  const samples = step(
    'samples',
    [runs],
    sizes.map((_, i) => ({ inputs: [0, i], params: [] })),
    runSamplesStep,
    [arg.input(0), arg.value(Math.max(SAMPLES, 64 * count))],
    line,
  )
  const everyRun = sizes.flatMap((_, i) => [0, i])
  const bounds = step(
    'bounds',
    [samples],
    [{ inputs: everyRun, params: [] }],
    boundCutsStep,
    [arg.inputs(0, count), arg.value(ranks), arg.value(descending)],
    [[1]],
  )
  const candidates = step(
    'candidates',
    [runs, bounds],
    sizes.map((_, i) => ({ inputs: [0, i, 1, 0], params: [i] })),
    candidatesStep,
    [arg.input(0), arg.input(1), arg.param(0)],
    line,
  )
  const cuts = step(
    'cuts',
    [candidates, bounds],
    [{ inputs: [1, 0, ...everyRun], params: [] }],
    cutStep,
    [arg.input(0), arg.inputs(1, count), arg.value(ranks), arg.value(descending)],
    [[1]],
  )
  const parts = step(
    'parts',
    [runs, cuts],
    sizes.flatMap((_, chunk) => {
      return sizes.map((_, run) => ({ inputs: [0, run, 1, 0], params: [run, chunk] }))
    }),
    runPartStep,
    [arg.input(0), arg.input(1), arg.param(0), arg.param(1)],
    [sizes, sizes],
  )
  const nodes = sizes.map((size, chunk) => ({
    inputs: sizes.flatMap((_, run) => [0, chunk * count + run]),
    params: [array.chunks.map((own, a) => (a === axis ? size : own[0]!))],
  }))
  const args = [arg.inputs(0, count), arg.value(descending), arg.param(0)]
  const dtype = name === 'sort' ? array.dtype : 'int64'
  return { ...step(name, [parts], nodes, mergeRunsStep, args, array.chunks), dtype }
}

/** Returns a function that makes a layer of one step, whose blocks list their inputs. */
function stepMaker(name: string, dtype: ArraySpec['dtype']) {
  const site = captureCallSite()
  return (
    stage: string,
    sources: readonly ArraySpec[],
    blocks: readonly Omit<BlockNode, 'recipe'>[],
    fn: Parameters<typeof recipe>[0],
    args: Parameters<typeof recipe>[1],
    chunks: Grid,
  ): ArraySpec => {
    const own = recipe(fn, args, { label: name, site, divides: stage === 'parts' })
    return indexed({
      operation: stage === name ? name : `${name}-${stage}`,
      sources,
      nodes: blocks.map((block) => ({ ...block, recipe: own })),
      dtype,
      chunks,
      content: args.flatMap((a) => (a.kind === 'value' ? [a.value] : [])),
    })
  }
}
