/** The keys of a submission's tasks as names and numbers, without a string for each task. */
import { blockCoordinates } from '../../core/base/keys.js'
import type { SharedKeys } from '../../core/scheduling/interface/submission.js'
import type { LayerKeys, PackedStrings } from './client-messages.js'

/**
 * Splits keys into names and numbers: `x:3` is `x:` and 3, `x:2,3` is `x:2,` and 3, and `x` has no number.
 * `contentNamed` is 1 for each task that has a shared key.
 */
export function sharedKeysOf(
  keys: PackedStrings | LayerKeys,
  contentNamed: Uint8Array,
): SharedKeys {
  const { nameOf, numberOf } = 'joined' in keys ? splitPacked(keys) : splitLayers(keys)
  return {
    nameOf: (task) => (contentNamed[task] === 1 ? nameOf(task) : undefined),
    numberOf,
  }
}

interface SplitKeys {
  nameOf(task: number): string
  numberOf(task: number): number
}

function splitLayers({ layers, layerOf, blockOf }: LayerKeys): SplitKeys {
  let lastLayer = -1
  let lastRow = -1
  let name = ''
  return {
    nameOf(task) {
      const layer = layerOf[task]!
      const { name: own, numblocks } = layers[layer]!
      const inner = numblocks.at(-1)
      const row = inner === undefined ? 0 : Math.floor(blockOf[task]! / inner)
      if (layer === lastLayer && row === lastRow) return name
      lastLayer = layer
      lastRow = row
      name = own
      if (inner !== undefined) {
        const outer = blockCoordinates(row, numblocks.slice(0, -1))
        name = `${own}:${outer.map((coordinate) => `${coordinate},`).join('')}`
      }
      return name
    },
    numberOf(task) {
      const inner = layers[layerOf[task]!]!.numblocks.at(-1)
      return inner === undefined ? -1 : blockOf[task]! % inner
    },
  }
}

const [zero, nine, comma, colon] = ['0', '9', ',', ':'].map((c) => c.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
]
/** Numbers of more digits stay a part of the name. */
const mostDigits = 9

function splitPacked({ joined, ends }: PackedStrings): SplitKeys {
  let name = ''
  /** Returns where the number begins, or where the key ends if it has none. */
  const numberStart = (task: number): number => {
    const start = task === 0 ? 0 : ends[task - 1]!
    const end = ends[task]!
    let at = end
    while (at > start && at > end - mostDigits && isDigit(joined.charCodeAt(at - 1))) at--
    const before = at > start ? joined.charCodeAt(at - 1) : 0
    const isNumber = at < end && (before === colon || before === comma)
    const hasLeadingZero = end - at > 1 && joined.charCodeAt(at) === zero
    return isNumber && !hasLeadingZero ? at : end
  }
  return {
    nameOf(task) {
      const start = task === 0 ? 0 : ends[task - 1]!
      const length = numberStart(task) - start
      if (length !== name.length || !joined.startsWith(name, start))
        name = joined.slice(start, start + length)
      return name
    },
    numberOf(task) {
      const start = numberStart(task)
      const end = ends[task]!
      if (start === end) return -1
      let number = 0
      for (let at = start; at < end; at++) number = number * 10 + joined.charCodeAt(at) - zero
      return number
    },
  }
}

function isDigit(code: number): boolean {
  return code >= zero && code <= nine
}
