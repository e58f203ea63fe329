/**
 * Steps of sorting: of whole lanes, and of an axis with several chunks in runs.
 */
import { operations } from '../../../core/base/operations.js'
import type { NDArray } from '../block/ndarray.js'
import { astype, type LazyChunk, lazy, toChunk } from '../expressions/lazy-chunk.js'
import { argsortBlock, sortBlock } from '../kernels/sort-kernel.js'
import {
  boundCuts,
  type CutBounds,
  candidatesOf,
  cutRuns,
  mergeRuns,
  partOfRun,
  type RunSamples,
  type SortedRun,
  sampleRun,
  sortRun,
} from '../kernels/sorted-runs.js'

/** Sorts a block along an axis, or returns the positions that would sort it. */
export function sortStep(
  block: NDArray | LazyChunk,
  axis: number,
  descending: boolean,
  givesPositions: boolean,
): LazyChunk {
  const sort = givesPositions ? argsortBlock : sortBlock
  return lazy(sort(toChunk(block), axis, descending))
}

/** Makes a sorted run of a vector; with positions, `start` is that of its first element in the axis. */
export function sortRunStep(
  block: NDArray | LazyChunk,
  descending: boolean,
  givesPositions: boolean,
  start: number,
): SortedRun {
  const chunk = toChunk(block)
  return sortRun(chunk.reshape([chunk.size]), descending, givesPositions ? start : undefined)
}

/** Takes samples of a run. */
export function runSamplesStep(run: SortedRun, count: number): RunSamples {
  return sampleRun(run, count)
}

/** Bounds where the runs are cut. */
export function boundCutsStep(
  samples: readonly RunSamples[],
  ranks: readonly number[],
  descending: boolean,
): CutBounds {
  return boundCuts(samples, ranks, descending)
}

/** Returns the elements of a run within the bounds of each cut. */
export function candidatesStep(run: SortedRun, bounds: CutBounds, number: number): NDArray[] {
  return candidatesOf(run, number, bounds)
}

/** Returns the position of each cut in each run. */
export function cutStep(
  bounds: CutBounds,
  candidates: readonly (readonly NDArray[])[],
  ranks: readonly number[],
  descending: boolean,
): Int32Array[] {
  return cutRuns(candidates, bounds, ranks, descending)
}

/** Returns the part of run `number` that belongs to a chunk of the result. */
export function runPartStep(
  run: SortedRun,
  cuts: readonly Int32Array[],
  number: number,
  chunk: number,
): SortedRun {
  const start = chunk === 0 ? 0 : cuts[chunk - 1]![number]!
  const stop = chunk === cuts.length ? run.values.shape[0]! : cuts[chunk]![number]!
  return partOfRun(run, start, stop)
}

/** Merges the parts of all runs to a chunk of the result. */
export function mergeRunsStep(
  runs: readonly SortedRun[],
  descending: boolean,
  shape: readonly number[],
): LazyChunk {
  const { values, positions } = mergeRuns(runs, descending)
  const result = positions === undefined ? values : astype(positions, 'int64').chunk()
  return lazy(result.reshape(shape))
}

operations('collections/array/steps/sort-steps', {
  boundCutsStep,
  candidatesStep,
  cutStep,
  mergeRunsStep,
  runPartStep,
  runSamplesStep,
  sortRunStep,
  sortStep,
})
