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
