/** Submissions without tasks, to which a client adds what it submits. */
import type { Externals, Submit } from './client-messages.js'

const none = new Int32Array(0)

/** No results of earlier runs. */
export const noExternals: Externals = { runs: [], runOf: none, targets: none }

/** Makes a submission that has no tasks and no targets. */
export function emptySubmit(run: number): Submit {
  return {
    op: 'submit',
    run,
    recipeTokens: [],
    recipes: [],
    bundles: [],
    recipeOf: none,
    inputStart: Int32Array.of(0),
    inputs: none,
    ranks: none,
    targets: none,
    params: [],
    paramEnd: none,
    keys: { joined: '', ends: none },
    layers: [],
    contentNamed: new Uint8Array(0),
    reportProgress: false,
    externals: noExternals,
    annotations: [],
    holdTargets: false,
    deliver: none,
  }
}
