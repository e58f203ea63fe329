/**
 * The innermost loops of float64 matrix products in WebAssembly SIMD.
 *
 * The module is small enough to be assembled here, byte by byte. It works in a memory of its own: it
 * reads packed panels of both matrices and writes a block of sums. Sizes are multiples of four.
 */

/** The size of one panel entry in bytes: four numbers. */
const PANEL = 32

/** Opcodes of the instructions that are used. */
const op = {
  loop: 0x03,
  end: 0x0b,
  brIf: 0x0d,
  get: 0x20,
  set: 0x21,
  i32Const: 0x41,
  i32LtU: 0x49,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
} as const

/** Opcodes after the SIMD prefix. */
const simd = {
  load: 0x00,
  loadSplat64: 0x0a,
  store: 0x0b,
  constant: 0x0c,
  add: 0xf0,
  mul: 0xf2,
} as const

const I32 = 0x7f
const V128 = 0x7b
const VOID = 0x40

/** The indices of the function's parameters and local variables. */
const local = {
  left: 0,
  right: 1,
  out: 2,
  rowPanels: 3,
  columnPanels: 4,
  depth: 5,
  i: 6,
  j: 7,
  k: 8,
  p: 9,
  q: 10,
  at: 11,
  sums: 12,
  b0: 20,
  b1: 21,
  a: 22,
} as const

/** Encodes an unsigned integer as LEB128. */
function unsigned(n: number): number[] {
  const bytes: number[] = []
  let rest = n
  do {
    const low = rest & 0x7f
    rest >>>= 7
    bytes.push(rest === 0 ? low : low | 0x80)
  } while (rest !== 0)
  return bytes
}

/** Encodes a signed integer as LEB128. */
function signed(n: number): number[] {
  const bytes: number[] = []
  let rest = n
  for (;;) {
    const low = rest & 0x7f
    rest >>= 7
    const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)
    bytes.push(done ? low : low | 0x80)
    if (done) return bytes
  }
}

const vector = (items: readonly number[][]) => [...unsigned(items.length), ...items.flat()]
const section = (id: number, body: readonly number[]) => [id, ...unsigned(body.length), ...body]
const string = (name: string) => vector([...name].map((c) => [c.charCodeAt(0)]))
const get = (index: number) => [op.get, ...unsigned(index)]
const set = (index: number) => [op.set, ...unsigned(index)]
const constant = (n: number) => [op.i32Const, ...signed(n)]
const wide = (code: number, ...rest: number[]) => [0xfd, ...unsigned(code), ...rest]
const access = (code: number, align: number, offset: number) =>
  wide(code, align, ...unsigned(offset))
const advance = (index: number, by: number) => [
  ...get(index),
  ...constant(by),
  op.i32Add,
  ...set(index),
]
const loop = (body: readonly number[], condition: readonly number[]) => [
  op.loop,
  VOID,
  ...body,
  ...condition,
  op.brIf,
  0,
  op.end,
]
const less = (a: number, b: number) => [...get(a), ...get(b), op.i32LtU]

/** Emits one iteration of the innermost loop: four numbers of one panel times four of the other. */
function multiplyAdd(): number[] {
  const code = [
    ...get(local.q),
    ...access(simd.load, 3, 0),
    ...set(local.b0),
    ...get(local.q),
    ...access(simd.load, 3, 16),
    ...set(local.b1),
  ]
  for (let row = 0; row < 4; row++) {
    code.push(...get(local.p), ...access(simd.loadSplat64, 3, row * 8), ...set(local.a))
    for (const [half, b] of [local.b0, local.b1].entries()) {
      const sum = local.sums + row * 2 + half
      code.push(...get(sum), ...get(local.a), ...get(b), ...wide(simd.mul, 1), ...wide(simd.add, 1))
      code.push(...set(sum))
    }
  }
  return code
}

/** Emits the loops over column panels, row panels and the shared axis. */
function body(width: number): number[] {
  const stride = width * 8
  const sums = Array.from({ length: 8 }, (_, n) => local.sums + n)
  const clear = sums.flatMap((sum) => [
    ...wide(simd.constant, ...new Array(16).fill(0)),
    ...set(sum),
  ])
  const store = sums.flatMap((sum, n) => [
    ...get(local.at),
    ...get(sum),
    ...access(simd.store, 3, (n >> 1) * stride + (n & 1) * 16),
  ])
  const inner = loop(
    [
      ...multiplyAdd(),
      ...advance(local.p, PANEL),
      ...advance(local.q, PANEL),
      ...advance(local.k, -1),
    ],
    get(local.k),
  )
  const start = (index: number, value: readonly number[]) => [...value, ...set(index)]
  const times = (n: number) => [...get(local.j), ...constant(n), op.i32Mul]
  const rightPanel = [
    ...get(local.right),
    ...times(PANEL),
    ...get(local.depth),
    op.i32Mul,
    op.i32Add,
  ]
  const rows = loop(
    [
      ...clear,
      ...start(local.q, rightPanel),
      ...start(local.k, get(local.depth)),
      ...inner,
      ...store,
      ...advance(local.at, 4 * stride),
      ...advance(local.i, 1),
    ],
    less(local.i, local.rowPanels),
  )
  return loop(
    [
      ...start(local.p, get(local.left)),
      ...start(local.i, constant(0)),
      ...start(local.at, [...get(local.out), ...times(PANEL), op.i32Add]),
      ...rows,
      ...advance(local.j, 1),
    ],
    less(local.j, local.columnPanels),
  )
}

/** Assembles the module: one function, `tiles`, and its memory. */
function assembleModule(width: number, pages: number): Uint8Array<ArrayBuffer> {
  const locals = vector([
    [...unsigned(6), I32],
    [...unsigned(11), V128],
  ])
  const code = [...locals, ...body(width), op.end]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector([[0x60, ...vector(new Array(6).fill([I32])), 0]])),
    ...section(3, vector([[0]])),
    ...section(5, vector([[0x00, ...unsigned(pages)]])),
    ...section(
      7,
      vector([
        [...string('tiles'), 0x00, 0],
        [...string('memory'), 0x02, 0],
      ]),
    ),
    ...section(10, vector([[...unsigned(code.length), ...code]])),
  ])
}

/** The parts of WebAssembly that are used; type libraries without a browser do not declare it. */
interface WebAssemblyNamespace {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (
    module: object,
  ) => {
    readonly exports: {
      readonly memory: { readonly buffer: ArrayBuffer }
      readonly tiles: (...args: readonly number[]) => void
    }
  }
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
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyNamespace })
    .WebAssembly
  const { memory, tiles } = new Instance(
    new Module(assembleModule(width, Math.ceil(bytes / 65536))),
  ).exports
  const { buffer } = memory
  const right = leftSize * 8
  const out = right + rightSize * 8
  return {
    left: new Float64Array(buffer, 0, leftSize),
    right: new Float64Array(buffer, right, rightSize),
    out: new Float64Array(buffer, out, rows * width),
    width,
    run: (m, n, k) => tiles(0, right, out, Math.ceil(m / 4), Math.ceil(n / 4), k),
  }
}
