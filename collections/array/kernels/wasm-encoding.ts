/**
 * Encodes small WebAssembly modules, byte by byte: a memory of their own and exported functions.
 */

/** Opcodes of the instructions that are used. */
export const opcode = {
  loop: 0x03,
  end: 0x0b,
  brIf: 0x0d,
  get: 0x20,
  set: 0x21,
  i32Const: 0x41,
  i32Add: 0x6a,
} as const

/** Types of values. */
export const valueType = { i32: 0x7f, i64: 0x7e, f64: 0x7c, v128: 0x7b, none: 0x40 } as const

/** Encodes an unsigned integer as LEB128. */
export function leb(n: number): number[] {
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
export function signedLeb(n: number): number[] {
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

/** Encodes an instruction with the SIMD prefix. */
export const vectorCode = (code: number, ...rest: readonly number[]) => [
  0xfd,
  ...leb(code),
  ...rest,
]

/** Encodes the instructions that read and write a local variable. */
export const readLocal = (index: number) => [opcode.get, ...leb(index)]
export const writeLocal = (index: number) => [opcode.set, ...leb(index)]

const vector = (items: readonly (readonly number[])[]) => [...leb(items.length), ...items.flat()]
const section = (id: number, body: readonly number[]) => [id, ...leb(body.length), ...body]
const string = (name: string) => vector([...name].map((c) => [c.charCodeAt(0)]))

/** An exported function: its parameters, its local variables as pairs of a count and a type, and its code. */
export interface WasmFunction {
  readonly name: string
  readonly parameters: readonly number[]
  readonly locals: readonly (readonly [count: number, type: number])[]
  readonly body: readonly number[]
}

/** Encodes a module of functions without results, and a memory of some pages of 64 KB. */
export function encodeModule(functions: readonly WasmFunction[], pages: number): Uint8Array {
  const types = functions.map(({ parameters }) => [0x60, ...vector(parameters.map((p) => [p])), 0])
  const exports = functions.map(({ name }, i) => [...string(name), 0x00, ...leb(i)])
  const codes = functions.map(({ locals, body }) => {
    const code = [...vector(locals.map(([n, type]) => [...leb(n), type])), ...body, opcode.end]
    return [...leb(code.length), ...code]
  })
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(3, vector(functions.map((_, i) => leb(i)))),
    ...section(5, vector([[0x00, ...leb(pages)]])),
    ...section(7, vector([...exports, [...string('memory'), 0x02, 0]])),
    ...section(10, vector(codes)),
  ])
}

/** The parts of WebAssembly that are used; type libraries without a browser do not declare it. */
interface WebAssemblyNamespace {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> }
}

/** Compiles a module and returns its functions, by name, and its memory. */
export function instantiate(bytes: Uint8Array): {
  readonly functions: Readonly<Record<string, (...args: readonly number[]) => void>>
  readonly buffer: ArrayBuffer
} {
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyNamespace })
    .WebAssembly
  const { memory, ...functions } = new Instance(new Module(bytes)).exports
  return {
    functions: functions as Record<string, (...args: readonly number[]) => void>,
    buffer: (memory as { readonly buffer: ArrayBuffer }).buffer,
  }
}
