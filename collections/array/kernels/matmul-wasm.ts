/**
 * The innermost loops of float64 matrix products in WebAssembly SIMD.
 *
 * The module works in a memory of its own: it reads packed panels of both matrices and writes a block of sums. Sizes are
 * multiples of four.
 */
import { type Code, f64x2, get, i32, repeatWhile, set, wasmFunction } from './wasm-code.js'
import { encodeModule, instantiate, type WasmFunction } from './wasm-encoding.js'

/** The size of one panel entry in bytes: four numbers. */
const PANEL = 32

/** The vectors of sums: vector n has half `n & 1` of row `n >> 1` of a tile of four rows of four numbers. */
const TILE = Array.from({ length: 8 }, (_, n) => n)

const advance = (index: number, by: number): Code => set(index, i32.add(get(index), i32.const(by)))

/** Makes the function that multiplies panels; a row of sums has `width` numbers. */
function tiles(width: number): WasmFunction {
  const parameters = {
    ...({ left: 'i32', right: 'i32', out: 'i32' } as const),
    ...({ rowPanels: 'i32', columnPanels: 'i32', depth: 'i32' } as const),
  }
  const locals = {
    ...({ i: 'i32', j: 'i32', k: 'i32', p: 'i32', q: 'i32', at: 'i32' } as const),
    ...({ s0: 'v128', s1: 'v128', s2: 'v128', s3: 'v128' } as const),
    ...({ s4: 'v128', s5: 'v128', s6: 'v128', s7: 'v128' } as const),
    ...({ b0: 'v128', b1: 'v128', a: 'v128' } as const),
  }
  return wasmFunction('tiles', parameters, locals, (v) => {
    const sums = [v.s0, v.s1, v.s2, v.s3, v.s4, v.s5, v.s6, v.s7]
    const stride = width * 8
    // Four numbers of one panel times four of the other.
    const multiplyAdd = [
      ...set(v.b0, f64x2.load(get(v.q))),
      ...set(v.b1, f64x2.load(get(v.q), 16)),
      ...TILE.flatMap((n) => [
        ...(n % 2 === 0 ? set(v.a, f64x2.loadSplat(get(v.p), n * 4)) : []),
        ...set(sums[n]!, f64x2.add(get(sums[n]!), f64x2.mul(get(v.a), get(n % 2 ? v.b1 : v.b0)))),
      ]),
    ]
    const inner = repeatWhile(
      get(v.k),
      multiplyAdd,
      advance(v.p, PANEL),
      advance(v.q, PANEL),
      advance(v.k, -1),
    )
    const panelOffset = i32.mul(get(v.j), i32.const(PANEL))
    const rows = repeatWhile(
      i32.lessUnsigned(get(v.i), get(v.rowPanels)),
      ...TILE.map((n) => set(sums[n]!, f64x2.zero)),
      set(v.q, i32.add(get(v.right), i32.mul(panelOffset, get(v.depth)))),
      set(v.k, get(v.depth)),
      inner,
      ...TILE.map((n) => f64x2.store(get(v.at), get(sums[n]!), (n >> 1) * stride + (n & 1) * 16)),
      advance(v.at, 4 * stride),
      advance(v.i, 1),
    )
    return [
      repeatWhile(
        i32.lessUnsigned(get(v.j), get(v.columnPanels)),
        set(v.p, get(v.left)),
        set(v.i, i32.const(0)),
        set(v.at, i32.add(get(v.out), panelOffset)),
        rows,
        advance(v.j, 1),
      ),
    ]
  })
}

/** Buffers for packed panels and sums, and the loop over them. */
interface WasmMatmul {
  readonly left: Float64Array
  readonly right: Float64Array
  /** Row-major, `width` numbers a row. */
  readonly out: Float64Array
  readonly width: number
  /** Sets `out` to the product of the panels. All sizes must be 1 or more. */
  run(rows: number, columns: number, depth: number): void
}

/** Allocates buffers for products of at most these sizes, which are multiples of four. */
export function makeWasmMatmul(rows: number, columns: number, depth: number): WasmMatmul {
  // With a width that is a power of two, all rows would compete for the same cache lines.
  const width = columns + 8
  const leftSize = rows * depth
  const rightSize = columns * depth
  const bytes = (leftSize + rightSize + rows * width) * 8
  const { functions, buffer } = instantiate(encodeModule([tiles(width)], Math.ceil(bytes / 65536)))
  const right = leftSize * 8
  const out = right + rightSize * 8
  return {
    left: new Float64Array(buffer, 0, leftSize),
    right: new Float64Array(buffer, right, rightSize),
    out: new Float64Array(buffer, out, rows * width),
    width,
    run: (m, n, k) => functions.tiles!(0, right, out, Math.ceil(m / 4), Math.ceil(n / 4), k),
  }
}
