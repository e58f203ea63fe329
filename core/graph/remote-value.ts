/**
 * Results that a cluster keeps, as graphs and collections refer to them: where a task needs one, the
 * cluster hands it over from where it is.
 */

import { GraphError } from '../base/errors.js'
import { registerType } from '../codec/objects/registered-types.js'
import { BlockwiseLayer } from './layer.js'
import type { Recipe } from './recipe.js'

/** One result, by the run that made it and its place among the results that the run keeps. */
export class RemoteValue {
  /** The name of the run, the same for everybody on its cluster. */
  readonly run: string
  readonly place: number
  /** The key of the task. */
  readonly key: string

  constructor(run: string, place: number, key: string) {
    this.run = run
    this.place = place
    this.key = key
  }
}

/** A task that stands for a result which is there already; its parameter says which. */
export const REMOTE: Recipe = { steps: [], inputs: 0, params: 1, isRemote: true }

/** A layer whose blocks are results that a cluster keeps. */
export function remoteLayer(
  name: string,
  numblocks: readonly number[],
  values: readonly RemoteValue[],
): BlockwiseLayer {
  const recipe = REMOTE
  return new BlockwiseLayer({ name, numblocks, recipe, params: [{ kind: 'values', values }] })
}

/** Fails if some tasks of a plan are results that a cluster keeps; `what` is who should run it here. */
export function assertLocal(recipes: readonly Recipe[], what: string): void {
  if (!recipes.some((recipe) => recipe.isRemote === true)) return
  throw new GraphError(
    `${what}: some of this data is kept by a cluster; compute it there, with { get: client.get }`,
  )
}

let gathering: RemoteValue[] | undefined
let handing: readonly RemoteValue[] | undefined

/** Runs an encoding in which remote values travel as their places in the list that comes with it. */
export function collectRemoteValues<T>(body: () => T): {
  result: T
  remotes: readonly RemoteValue[]
} {
  gathering = []
  try {
    return { result: body(), remotes: gathering }
  } finally {
    gathering = undefined
  }
}

/** Runs a decoding of what was encoded so; `remotes` take the places of those that were found. */
export function resolveRemoteValues<T>(remotes: readonly RemoteValue[], body: () => T): T {
  handing = remotes
  try {
    return body()
  } finally {
    handing = undefined
  }
}

registerType('skein.RemoteValue', {
  test: (value) => value instanceof RemoteValue,
  builtIns: false,
  module: 'core/graph/remote-value',
  encode: (value: RemoteValue): number => {
    if (gathering === undefined)
      throw new Error(
        'it is a result that a cluster keeps (a Future): hand it over as an argument of its own, or put what its result() gives here',
      )
    return gathering.push(value) - 1
  },
  decode: (place: number): RemoteValue => {
    const value = handing?.[place]
    if (value === undefined) throw new Error('a result that a cluster keeps is not known here')
    return value
  },
})
