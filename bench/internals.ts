/** Internal modules of the built package, for benchmarks of the codec, the functions and the scheduler. */

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

/** Imports a module of the built package by its path from `core/`. */
async function internal<Module>(name: string): Promise<Module> {
  return (await import(new URL(name, core).href)) as Module
}

export const codec = await internal<Codec>('codec/index.js')

interface FunctionParts {
  capture(fn: Function): { readonly token: string }
  readonly Functions: new (store: BundleStore) => { lookup(token: string): unknown }
  readonly BundleStore: new () => BundleStore
  readonly bundles: BundleStore
}

interface BundleStore {
  closure(tokens: readonly string[]): readonly string[]
  get(token: string): Encoded | undefined
  addAll(items: readonly (readonly [token: string, bytes: Encoded])[]): unknown
}

/** Capturing and reviving functions. */
export const functions: FunctionParts = {
  ...(await internal<Pick<FunctionParts, 'capture'>>('capture.js')),
  ...(await internal<Pick<FunctionParts, 'Functions' | 'bundles'>>('codec/index.js')),
  ...(await internal<Pick<FunctionParts, 'BundleStore'>>('codec/bundles/bundle-store.js')),
}

/** A message of the engine to a worker or a client: the fields that the benchmarks read. */
export interface FromEngine {
  readonly op: string
  readonly tasks: Int32Array
  readonly attempts: Int32Array
  readonly deliver: Int32Array
}

interface Engine {
  addWorker(hello: object, post: (message: FromEngine) => void): unknown
  startWorker(link: unknown): void
  addClient(who: object, post: (message: { readonly op: string }) => void): unknown
  submit(client: unknown, submit: object): void
  fromWorker(link: unknown, message: object): void
  cancelRun(client: unknown, run: number): void
}

const { Engine: EngineClass } = await internal<{
  readonly Engine: new (host: object) => Engine
}>('../distributed/scheduler/engine/engine.js')

/** The scheduler's engine, without its sockets. */
export const engines = { make: (host: object): Engine => new EngineClass(host) }

interface LayeredParts {
  makeLayeredSubmission(
    graph: unknown,
    keys: readonly string[],
    options: object,
  ): { readonly message: object } | undefined
}

/** Makes the message that submits a collection as layers. */
export const layered = await internal<LayeredParts>(
  '../distributed/client/submission/layered-submission.js',
)
