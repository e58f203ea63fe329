/**
 * Layers of gradients along one axis, whose elements have one distance or stand at coordinates.
 */
import { assertKnown } from '../planning/known-sizes.js'
import { type ArraySpec, shapeOf } from './array-spec.js'
import { concatenateLayer } from './concatenate-layers.js'
import { astypeLayer, elementwiseLayer } from './elementwise-layers.js'
import { indexAxis } from './indexing-layers.js'
import { rechunkTo } from './rechunk-layers.js'
import { reshapeLayer } from './reshape-layers.js'

/** Selects a range of an axis, in the chunks of another array if one is given. */
function rangeOf(array: ArraySpec, axis: number, text: string, like?: ArraySpec): ArraySpec {
  const range = indexAxis(array, axis, text)
  return like === undefined ? range : rechunkTo(range, like.chunks)
}

/** Returns the derivative along an axis of an array of floats. */
export function gradientLayer(array: ArraySpec, axis: number, step: number | ArraySpec): ArraySpec {
  assertKnown(array.chunks, 'gradient')
  const size = shapeOf(array)[axis]!
  if (size < 2) throw new RangeError(`gradient: axis ${axis} has fewer than two elements`)
  const distances = typeof step === 'number' ? undefined : distancesOf(step, array, axis)
  const slope = (after: string, before: string, distance: number | ArraySpec) => {
    const start = rangeOf(array, axis, before)
    const difference = elementwiseLayer('subtract', [rangeOf(array, axis, after, start), start])
    return elementwiseLayer('divide', [difference, distance])
  }
  const edge = (range: string) =>
    distances === undefined ? (step as number) : rangeOf(distances, axis, range)
  const parts = [
    slope('1:2', '0:1', edge(':1')),
    distances === undefined
      ? slope('2:', ':-2', 2 * (step as number))
      : unevenSlope(array, axis, distances),
    slope('-1:', '-2:-1', edge('-1:')),
  ]
  return rechunkTo(astypeLayer(concatenateLayer(parts, axis), array.dtype), array.chunks)
}

/** Returns the distances of neighbours, with size 1 along the other axes. */
function distancesOf(coordinates: ArraySpec, array: ArraySpec, axis: number): ArraySpec {
  const size = shapeOf(array)[axis]!
  const own = shapeOf(coordinates)
  if (own.length !== 1 || own[0] !== size) {
    throw new RangeError(
      `gradient: expected a coordinate for each of the ${size} elements of axis ${axis}; got shape [${own}]`,
    )
  }
  const before = rangeOf(coordinates, 0, ':-1')
  const steps = elementwiseLayer('subtract', [rangeOf(coordinates, 0, '1:', before), before])
  return reshapeLayer(
    steps,
    array.chunks.map((_, a) => (a === axis ? size - 1 : 1)),
  )
}

/** Returns second-order differences within an axis of unequal distances, as NumPy computes them. */
function unevenSlope(array: ArraySpec, axis: number, distances: ArraySpec): ArraySpec {
  const apply = elementwiseLayer
  const before = rangeOf(distances, axis, ':-1')
  const after = rangeOf(distances, axis, '1:', before)
  const both = apply('add', [before, after])
  const first = apply('divide', [apply('negative', [after]), apply('multiply', [before, both])])
  const middle = apply('divide', [
    apply('subtract', [after, before]),
    apply('multiply', [before, after]),
  ])
  const last = apply('divide', [before, apply('multiply', [after, both])])
  const left = rangeOf(array, axis, ':-2')
  const terms = [
    apply('multiply', [first, left]),
    apply('multiply', [middle, rangeOf(array, axis, '1:-1', left)]),
    apply('multiply', [last, rangeOf(array, axis, '2:', left)]),
  ] as const
  return apply('add', [apply('add', [terms[0], terms[1]]), terms[2]])
}
