/** `MaskedBlock`: the computed value of a masked array. */
import { checkArguments } from '../../../core/base/argument-checks.js'
import { registerType } from '../../../core/codec/objects/registered-types.js'
import type { Dtype, Scalar } from './dtype.js'
import type { NDArray, Nested } from './ndarray.js'

/** A dense N-d block of elements, some of which are masked. */
export class MaskedBlock<D extends Dtype = Dtype> {
  /** The elements, with any value where they are masked. */
  readonly data: NDArray<D>
  /** True where elements are masked. */
  readonly mask: NDArray<'bool'>
  /** The value that `filled` puts in place of masked elements. */
  readonly fillValue: Scalar

  /** Makes a block of elements and a mask of the same shape. The arguments are not checked. */
  constructor(data: NDArray<D>, mask: NDArray<'bool'>, fillValue: Scalar) {
    this.data = data
    this.mask = mask
    this.fillValue = fillValue
  }

  /** Returns nested lists, with null in place of masked elements. */
  toArray(): unknown {
    checkArguments('toArray', arguments, 0, 'block.toArray()')
    return maskLists(this.data.toArray(), this.mask.toArray())
  }
}

function maskLists(values: unknown, masked: unknown): unknown {
  if (!Array.isArray(masked)) return masked ? null : values
  return masked.map((m, i) => maskLists((values as Nested<unknown>)[i], m))
}

registerType('skein.MaskedBlock', {
  class: MaskedBlock<Dtype>,
  module: 'collections/array/block/masked-block',
  encode: ({ data, mask, fillValue }): [NDArray, NDArray<'bool'>, Scalar] => [
    data,
    mask,
    fillValue,
  ],
  decode: ([data, mask, fillValue]) => new MaskedBlock(data, mask, fillValue),
})
