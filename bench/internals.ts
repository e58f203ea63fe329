/** Parts of the built package that are not public, for benchmarks of what everything stands on. */

export interface Encoded {
  readonly head: Uint8Array
  readonly buffers: readonly Uint8Array[]
  readonly bundles: readonly string[]
}

export interface Codec {
  encode(value: unknown, options?: { readonly shared?: boolean }): Encoded
  decode(encoded: Encoded): unknown
}

const core = import.meta.resolve('skein/core')

/** Imports a module of the built package, named from `core/`. */
async function internal<Module>(name: string): Promise<Module> {
  return (await import(new URL(name, core).href)) as Module
}

export const codec = await internal<Codec>('codec/index.js')

interface FunctionParts {
  capture(fn: Function): { readonly token: string }
  readonly Functions: new (store: unknown) => { lookup(token: string): unknown }
  readonly bundles: unknown
}

/** Capturing functions, and making them again. */
export const functions: FunctionParts = {
  ...(await internal<Pick<FunctionParts, 'capture'>>('functions/capture.js')),
  ...(await internal<Pick<FunctionParts, 'Functions' | 'bundles'>>('codec/index.js')),
}
