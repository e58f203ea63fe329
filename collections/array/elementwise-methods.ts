/**
 * The elementwise methods of arrays: each adds one operation, and chains of them become one loop.
 *
 * Operands are arrays or plain values; shapes broadcast and dtypes promote as NumPy's. Each method
 * is also a function of `da` under NumPy's name.
 */
import { Collection } from '../base/collection.js'
import type { Binary, Fractional, Meet, Numeric, Operand, Unary } from './array-types.js'
import { type Dtype, isFloat } from './block/dtype.js'
import type { OperatorName } from './expressions/elementwise-operators.js'
import type { ArraySpec } from './layers/array-spec.js'
import { elementwiseLayer } from './layers/elementwise-layers.js'
import { show } from './planning/chunk-grid.js'

/** The part of `ChunkedArray` that works element by element. */
export abstract class ElementwiseMethods<D extends Dtype, R> extends Collection<R> {
  /** Makes an array of what a graph function gave. */
  protected abstract wrap(spec: ArraySpec): unknown
  /** This array as the graph functions see it. */
  protected abstract get spec(): ArraySpec

  private op<T>(name: OperatorName, ...others: readonly unknown[]): T {
    return this.wrap(elementwiseLayer(name, [this.spec, ...others])) as T
  }

  /** `x + y`; of bools: either. */
  add<O extends Operand>(other: O): Binary<Meet<D, O>, this, O> {
    return this.op('add', other)
  }
  /** `x - y`. */
  sub<O extends Operand>(other: O): Binary<Meet<D, O>, this, O> {
    return this.op('subtract', other)
  }
  /** `x * y`; of bools: both. */
  mul<O extends Operand>(other: O): Binary<Meet<D, O>, this, O> {
    return this.op('multiply', other)
  }
  /** `x / y`, float64 for integers. */
  div<O extends Operand>(other: O): Binary<Fractional<Meet<D, O>>, this, O> {
    return this.op('divide', other)
  }
  /** `x / y` rounded down; an integer by 0 is 0. */
  floorDivide<O extends Operand>(other: O): Binary<Numeric<Meet<D, O>>, this, O> {
    return this.op('floorDivide', other)
  }
  /** The remainder with the sign of the divisor, as Python's `%`. */
  mod<O extends Operand>(other: O): Binary<Numeric<Meet<D, O>>, this, O> {
    return this.op('remainder', other)
  }
  /** `x ** y`. */
  pow<O extends Operand>(other: O): Binary<Numeric<Meet<D, O>>, this, O> {
    return this.op('power', other)
  }
  /** The smaller of each two; NaN if either is. */
  minimum<O extends Operand>(other: O): Binary<Meet<D, O>, this, O> {
    return this.op('minimum', other)
  }
  /** The larger of each two; NaN if either is. */
  maximum<O extends Operand>(other: O): Binary<Meet<D, O>, this, O> {
    return this.op('maximum', other)
  }
  /** `sqrt(x ** 2 + y ** 2)` without overflow on the way. */
  hypot<O extends Operand>(other: O): Binary<Fractional<Meet<D, O>>, this, O> {
    return this.op('hypot', other)
  }
  /** The angle of the point `(other, this)`. */
  arctan2<O extends Operand>(other: O): Binary<Fractional<Meet<D, O>>, this, O> {
    return this.op('arctan2', other)
  }

  /** `x == y`. */
  eq<O extends Operand>(other: O): Binary<'bool', this, O> {
    return this.op('equal', other)
  }
  /** `x != y`. */
  ne<O extends Operand>(other: O): Binary<'bool', this, O> {
    return this.op('notEqual', other)
  }
  /** `x < y`. */
  lt<O extends Operand>(other: O): Binary<'bool', this, O> {
    return this.op('less', other)
  }
  /** `x <= y`. */
  le<O extends Operand>(other: O): Binary<'bool', this, O> {
    return this.op('lessEqual', other)
  }
  /** `x > y`. */
  gt<O extends Operand>(other: O): Binary<'bool', this, O> {
    return this.op('greater', other)
  }
  /** `x >= y`. */
  ge<O extends Operand>(other: O): Binary<'bool', this, O> {
    return this.op('greaterEqual', other)
  }

  /** `x & y`: of bools both, of integers bit by bit. */
  and<O extends Operand>(other: O): Binary<Meet<D, O>, this, O> {
    return this.op('bitwiseAnd', other)
  }
  /** `x | y`: of bools either, of integers bit by bit. */
  or<O extends Operand>(other: O): Binary<Meet<D, O>, this, O> {
    return this.op('bitwiseOr', other)
  }
  /** `x ^ y`: of bools one but not both, of integers bit by bit. */
  xor<O extends Operand>(other: O): Binary<Meet<D, O>, this, O> {
    return this.op('bitwiseXor', other)
  }
  /** `~x`: the other bool, or all bits of an integer turned over. */
  not(): Unary<D, R> {
    return this.op('invert')
  }

  /** `-x`. */
  neg(): Unary<D, R> {
    return this.op('negative')
  }
  /** `|x|`. */
  abs(): Unary<D, R> {
    return this.op('absolute')
  }
  /** -1, 0 or 1. */
  sign(): Unary<D, R> {
    return this.op('sign')
  }
  /** `x * x`. */
  square(): Unary<Numeric<D>, R> {
    return this.op('square')
  }
  /** `1 / x`. */
  reciprocal(): Unary<Numeric<D>, R> {
    return this.op('reciprocal')
  }
  sqrt(): Unary<Fractional<D>, R> {
    return this.op('sqrt')
  }
  cbrt(): Unary<Fractional<D>, R> {
    return this.op('cbrt')
  }
  exp(): Unary<Fractional<D>, R> {
    return this.op('exp')
  }
  exp2(): Unary<Fractional<D>, R> {
    return this.op('exp2')
  }
  /** `exp(x) - 1`, exact for small x. */
  expm1(): Unary<Fractional<D>, R> {
    return this.op('expm1')
  }
  log(): Unary<Fractional<D>, R> {
    return this.op('log')
  }
  log2(): Unary<Fractional<D>, R> {
    return this.op('log2')
  }
  log10(): Unary<Fractional<D>, R> {
    return this.op('log10')
  }
  /** `log(1 + x)`, exact for small x. */
  log1p(): Unary<Fractional<D>, R> {
    return this.op('log1p')
  }
  sin(): Unary<Fractional<D>, R> {
    return this.op('sin')
  }
  cos(): Unary<Fractional<D>, R> {
    return this.op('cos')
  }
  tan(): Unary<Fractional<D>, R> {
    return this.op('tan')
  }
  arcsin(): Unary<Fractional<D>, R> {
    return this.op('arcsin')
  }
  arccos(): Unary<Fractional<D>, R> {
    return this.op('arccos')
  }
  arctan(): Unary<Fractional<D>, R> {
    return this.op('arctan')
  }
  sinh(): Unary<Fractional<D>, R> {
    return this.op('sinh')
  }
  cosh(): Unary<Fractional<D>, R> {
    return this.op('cosh')
  }
  tanh(): Unary<Fractional<D>, R> {
    return this.op('tanh')
  }
  arcsinh(): Unary<Fractional<D>, R> {
    return this.op('arcsinh')
  }
  arccosh(): Unary<Fractional<D>, R> {
    return this.op('arccosh')
  }
  arctanh(): Unary<Fractional<D>, R> {
    return this.op('arctanh')
  }

  floor(): Unary<D, R> {
    return this.op('floor')
  }
  ceil(): Unary<D, R> {
    return this.op('ceil')
  }
  /** Rounded toward 0. */
  trunc(): Unary<D, R> {
    return this.op('trunc')
  }
  /**
   * Rounded to some decimals, halves to the even neighbour. Negative ones round to tens, hundreds
   * and so on; integers keep their dtype and wrap around in it.
   */
  round(decimals = 0): Unary<D, R> {
    if (!Number.isInteger(decimals)) {
      throw new TypeError(`round: decimals must be an integer; got ${show(decimals)}`)
    }
    if (decimals === 0) return this.op('round')
    const { dtype } = this.spec
    if (dtype === 'bool') {
      throw new TypeError(
        `round: bools have no decimals, got ${decimals}; use astype() for a number dtype first`,
      )
    }
    if (!isFloat(dtype)) {
      return decimals > 0 ? this.op('round') : this.op('roundTens', Math.min(-decimals, 100))
    }
    const scale = 10 ** Math.abs(decimals)
    const [up, down] =
      decimals > 0 ? (['multiply', 'divide'] as const) : (['divide', 'multiply'] as const)
    const scaled = elementwiseLayer('round', [elementwiseLayer(up, [this.spec, scale])])
    return this.wrap(elementwiseLayer(down, [scaled, scale])) as Unary<D, R>
  }
  isnan(): Unary<'bool', R> {
    return this.op('isnan')
  }
  isfinite(): Unary<'bool', R> {
    return this.op('isfinite')
  }
  isinf(): Unary<'bool', R> {
    return this.op('isinf')
  }
  /** No smaller than `low` and no larger than `high`; null leaves a side open. */
  clip<L extends Operand | null, H extends Operand | null = null>(
    low: L,
    high?: H,
  ): Binary<
    Meet<L extends null ? D : Meet<D, L>, H extends null ? 0n : H>,
    this,
    L extends null ? (H extends null ? 0n : H) : L
  > {
    const open = (value: unknown) => value === null || value === undefined
    if (open(low) && open(high))
      throw new TypeError('clip: give a lower or an upper limit, or both')
    const raised = open(low) ? this.spec : elementwiseLayer('maximum', [this.spec, low])
    return this.wrap(open(high) ? raised : elementwiseLayer('minimum', [raised, high])) as never
  }
}
