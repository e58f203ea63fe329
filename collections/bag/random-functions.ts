/** The functions of `db.random`: random samples of a given size. */

import { checkArguments, checkOptions } from '../../core/base/argument-checks.js'
import { describeValue } from '../../core/base/describe-value.js'
import { checkWholeNumber } from '../base/argument-checks.js'
import { layerOfKind } from '../base/argument-kind.js'
import { Bag } from './bag.js'
import { checkSeedOf, randomSeed } from './bag-arguments.js'
import { drawnLayer } from './layers/position-layers.js'

/** The option of random samples. */
export interface RandomSampleOptions {
  /** A whole number that decides the sample, with the positions of items. A random one by default. */
  readonly seed?: number | undefined
}

/** Random samples of a given size. Dask: `dask.bag.random`. */
export const random = {
  /**
   * Draws `k` different items at random into one partition, in random order. Items are different if their
   * positions are; the partitions do not matter. Unless the lengths of partitions are known, they are counted first.
   *
   * @throws TypeError if `bag` is no bag; RangeError if `k` is no whole number of at least 0, and, when computed, if
   *   the bag has fewer than `k` items.
   * @example db.random.sample(users, 100, { seed: 1 })
   */
  sample<T>(bag: Bag<T>, k: number, options: RandomSampleOptions = {}): Bag<T> {
    checkArguments('random.sample', arguments, 3, 'db.random.sample(bag, k, { seed })')
    return drawn('sample', bag, k, options)
  },

  /**
   * Draws `k` items at random into one partition, each from all items, so one may be drawn several times.
   *
   * @throws TypeError if `bag` is no bag; RangeError if `k` is no whole number of at least 0, and, when computed, if
   *   `k` is not 0 and the bag has no items.
   * @example db.random.choices(users, 100, { seed: 1 })
   */
  choices<T>(bag: Bag<T>, k: number, options: RandomSampleOptions = {}): Bag<T> {
    checkArguments('random.choices', arguments, 3, 'db.random.choices(bag, k, { seed })')
    return drawn('choices', bag, k, options)
  },
}

function drawn<T>(
  label: 'sample' | 'choices',
  bag: Bag<T>,
  k: number,
  options: RandomSampleOptions,
): Bag<T> {
  checkOptions(options, ['seed'], `random.${label}`)
  const layer = layerOfKind(bag, 'bag')
  if (layer === undefined) {
    throw new TypeError(`random.${label}: expected a bag, got ${describeValue(bag)}`)
  }
  checkWholeNumber(k, 0, `random.${label}`, 'k')
  const { seed } = options
  const checked = seed === undefined ? randomSeed() : checkSeedOf(`random.${label}`, seed)
  return new Bag(drawnLayer(layer, label, k, checked))
}
