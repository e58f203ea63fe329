/** What the fields of every message must hold, by direction: the run-time twin of the protocol's types. */
import type { MessageShapes } from './field-kinds.js'

/** What is read of an introduction before it is known to be of this version. */
const hello = { versions: 'object', nonce: 'text' } as const

const introduction = {
  versions: 'object',
  nonce: 'text',
  pid: 'number',
  hostname: 'text',
} as const

const common = { heartbeat: {}, goodbye: {} } as const

const fromScheduler = {
  ...common,
  unknown: { session: 'text' },
  refused: { nonce: 'text', versions: 'object' },
} as const

const columns = { tasks: 'int32', attempts: 'int32' } as const

export const workerToScheduler: MessageShapes = {
  ...common,
  hello,
  obituary: { pid: 'number', hostname: 'text', code: 'any', signal: 'any' },
  introduction: {
    ...introduction,
    nthreads: 'number',
    peer: 'text',
    name: 'text',
    wantsKeys: 'flag',
    resources: 'object',
  },
  finished: {
    ...columns,
    nbytes: 'float64',
    durations: 'float32',
    delivered: 'int32',
    values: 'list',
    bundles: 'bundles',
  },
  erred: { task: 'number', attempt: 'number', step: 'number', error: 'value', bundles: 'bundles' },
  missing: {
    task: 'number',
    attempt: 'number',
    input: 'number',
    inputAttempt: 'number',
    holder: 'number',
  },
  replicated: columns,
  seceded: columns,
  surplus: columns,
  memory: { stored: 'number', peak: 'number', spilled: 'number', isPaused: 'flag' },
  relay: { ...columns, holder: 'number' },
  gathered: { ...columns, to: 'number', values: 'list', bundles: 'bundles', absent: 'int32' },
}

export const schedulerToWorker: MessageShapes = {
  ...fromScheduler,
  welcome: {
    nonce: 'text',
    session: 'text',
    scheduler: 'text',
    worker: 'number',
    clients: 'text',
  },
  compute: {
    ...columns,
    recipes: 'int32',
    inputEnd: 'int32',
    inputs: 'int32',
    inputAttempts: 'int32',
    holders: 'int32',
    inputBytes: 'float32',
    params: 'list',
    paramEnd: 'int32',
    timeouts: 'float64',
    acquire: 'int32',
    deliver: 'int32',
    keys: 'list',
    newRecipes: 'list',
    bundles: 'bundles',
  },
  free: columns,
  cancel: columns,
  'forget-recipes': { recipes: 'int32' },
  gather: { ...columns, to: 'number' },
  relayed: { ...columns, holder: 'number', values: 'list', bundles: 'bundles', absent: 'int32' },
  peers: { joined: 'list', left: 'int32' },
}

export const betweenWorkers: MessageShapes = {
  fetch: { ...columns, scheduler: 'text', request: 'number' },
  data: {
    ...columns,
    request: 'number',
    values: 'list',
    bundles: 'bundles',
    absent: 'int32',
    last: 'flag',
  },
}

export const clientToScheduler: MessageShapes = {
  ...common,
  hello,
  introduction: { ...introduction, name: 'text' },
  submit: {
    run: 'number',
    recipeTokens: 'list',
    recipes: 'list',
    bundles: 'bundles',
    recipeOf: 'int32',
    inputStart: 'int32',
    inputs: 'int32',
    ranks: 'int32',
    targets: 'int32',
    params: 'list',
    paramEnd: 'int32',
    keys: 'object',
    layers: 'list',
    contentNamed: 'uint8',
    wantsProgress: 'flag',
    externals: 'object',
    demands: 'list',
    keeps: 'flag',
    wanted: 'int32',
  },
  'cancel-run': { run: 'number' },
  'forget-bundles': { tokens: 'list' },
  resume: { run: 'number', places: 'int32' },
  want: { run: 'number', places: 'int32' },
  release: { run: 'number', places: 'int32' },
  retry: { run: 'number', places: 'int32' },
  'set-collection': {
    request: 'number',
    name: 'text',
    value: 'encoded',
    bundles: 'bundles',
    externals: 'object',
    places: 'int32',
    keys: 'list',
  },
  'get-collection': { request: 'number', name: 'text' },
  'delete-collection': { request: 'number', name: 'text' },
  'list-collections': { request: 'number' },
  info: { request: 'number' },
  inspect: { request: 'number', what: 'text', tasks: 'any', workers: 'any', limit: 'number' },
}

export const schedulerToClient: MessageShapes = {
  ...fromScheduler,
  welcome: { nonce: 'text', session: 'text', runs: 'int32' },
  values: { run: 'number', targets: 'int32', values: 'list', bundles: 'bundles' },
  done: { run: 'number' },
  failed: { run: 'number', failure: 'object', bundles: 'bundles' },
  targets: { run: 'number', done: 'int32', nbytes: 'float64', lost: 'int32' },
  'target-failed': { run: 'number', places: 'int32', failure: 'object', bundles: 'bundles' },
  progress: { run: 'number', done: 'number' },
  reply: { request: 'number', value: 'value', bundles: 'bundles', hold: 'any' },
  'reply-error': { request: 'number', code: 'text', message: 'text', known: 'list' },
}
