/**
 * Remote values: references to results that a cluster keeps in memory. Graphs and collections may
 * contain them. The cluster sends the result to the workers whose tasks need it.
 */

import { GraphError, NotPortableError } from '../base/errors.js'
import { registerType } from '../codec/objects/registered-types.js'
import { BlockwiseLayer, type Layer } from './layer.js'
import type { Recipe } from './recipe.js'

/** The `get` of the client that holds a remote value, if one of this process does. */
export const getOfHolder = Symbol('getOfHolder')

/** A reference to one result of a run. */
export class RemoteValue {
  /** The `get` of the client that holds the result; undefined if no client of this process does. */
  get [getOfHolder](): unknown {
    return undefined
  }

  /** The name of the run, unique on its cluster. */
  readonly run: string
  /** The position of the result among the results that the run keeps. */
  readonly place: number
  /** The key of the task. */
  readonly key: string

  /** Makes a reference to a result. Made by Skein only. */
  constructor(run: string, place: number, key: string) {
    this.run = run
    this.place = place
    this.key = key
  }
}

/** The recipe of a task whose result exists already; its parameter is the remote value. */
export const REMOTE: Recipe = { steps: [], inputs: 0, params: 1, isRemote: true }

/** Returns a layer whose blocks are remote values. */
export function remoteLayer(
  name: string,
  numblocks: readonly number[],
  values: readonly RemoteValue[],
): BlockwiseLayer {
  const recipe = REMOTE
  return new BlockwiseLayer({ name, numblocks, recipe, params: [{ kind: 'values', values }] })
}

/** Returns the `get` of a client that holds results which these layers read; undefined if they read none. */
export function findHolder(layers: readonly Layer[]): unknown {
  const seen = new Set(layers)
  for (const layer of seen) {
    for (const dependency of layer.dependencies) seen.add(dependency)
    if (!(layer instanceof BlockwiseLayer) || layer.recipe !== REMOTE) continue
    const [param] = layer.params
    const value = param?.kind === 'values' ? param.values[0] : undefined
    const get = value instanceof RemoteValue ? value[getOfHolder] : undefined
    if (get !== undefined) return get
  }
  return undefined
}

/** Throws GraphError if a plan contains remote values; `caller` begins the message. */
export function assertLocal(recipes: readonly Recipe[], caller: string): void {
  if (!recipes.some((recipe) => recipe.isRemote === true)) return
  throw new GraphError(
    `${caller}: some of this data is kept by a cluster; compute it there, with { get: client.get }`,
  )
}

let collected: RemoteValue[] | undefined
let available: readonly RemoteValue[] | undefined

/** Runs a function that encodes values. Remote values are collected in a list and encoded as indices into it. */
export function collectRemoteValues<T>(body: () => T): {
  result: T
  remotes: readonly RemoteValue[]
} {
  collected = []
  try {
    return { result: body(), remotes: collected }
  } finally {
    collected = undefined
  }
}

/** Runs a function that decodes what was encoded within `collectRemoteValues`; `remotes` replace the collected values. */
export function resolveRemoteValues<T>(remotes: readonly RemoteValue[], body: () => T): T {
  available = remotes
  try {
    return body()
  } finally {
    available = undefined
  }
}

registerType('skein.RemoteValue', {
  test: (value) => value instanceof RemoteValue,
  builtIns: false,
  module: 'core/graph/remote-value',
  encode: (value: RemoteValue): number => {
    if (collected === undefined)
      throw new NotPortableError(
        [],
        'it is a future, whose result a cluster keeps; pass it as an argument, such as client.submit(fn, future) or bag.map(fn, future), or use the value of `await future.result()`',
      )
    return collected.push(value) - 1
  },
  decode: (index: number): RemoteValue => {
    const value = available?.[index]
    if (value === undefined)
      throw new Error('a reference to a result on a cluster cannot be decoded without its cluster')
    return value
  },
})
