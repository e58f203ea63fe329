/**
 * Layers of indexing, such as `x.at('1:10:2', -1)`.
 */
import { type IndexItem, parseIndex } from '../block/index-parser.js'
import { hasUnknown } from '../planning/chunk-grid.js'
import { type ArraySpec, isArraySpec, shapeOf } from './array-spec.js'
import { selectLayer } from './basic-index-layers.js'
import {
  type IndexMode,
  type LazyIndexItem,
  lazyIndexLayer,
  unknownIndexLayer,
} from './lazy-index-layers.js'

const AT: IndexMode = { operation: 'at', pointsFirst: false }

/** Selects the elements of an index. NumPy: `x[...]`. */
export function indexLayer(
  array: ArraySpec,
  items: readonly LazyIndexItem[],
  mode: IndexMode = AT,
): ArraySpec {
  if (items.some(isArraySpec)) {
    return lazyIndexLayer(array, items, mode, (source, rest) => indexLayer(source, rest, mode))
  }
  const known = items as readonly IndexItem[]
  if (hasUnknown(array.chunks)) return unknownIndexLayer(array, known, mode)
  const parsed = parseIndex(known, shapeOf(array), mode.operation)
  return selectLayer(array, parsed, mode.pointsFirst)
}

/** Selects elements of one axis. */
export function indexAxis(
  array: ArraySpec,
  axis: number,
  item: LazyIndexItem,
  operation = 'at',
): ArraySpec {
  const items = array.chunks.map((_, a) => (a === axis ? item : ':'))
  return indexLayer(array, items, { operation, pointsFirst: false })
}

/**
 * Selects the elements at tuples of positions, which become the first axes of the result. Integers are positions,
 * too. Dask: `x.vindex[...]`.
 */
export function pointwiseIndexLayer(array: ArraySpec, items: readonly LazyIndexItem[]): ArraySpec {
  const isPosition = (item: unknown) => typeof item === 'number' || typeof item === 'bigint'
  const isOther = (item: unknown) => item === null || typeof item === 'string' || isPosition(item)
  if (items.every(isOther))
    return indexLayer(array, items, { operation: 'vindex', pointsFirst: false })
  const lists = items.map((item) => (isPosition(item) ? [item as number] : item))
  return indexLayer(array, lists, { operation: 'vindex', pointsFirst: true })
}
