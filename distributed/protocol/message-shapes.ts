/**
 * The shapes of all messages, by direction, for the checks of what is received. The types make sure that
 * every message is listed with all of its required fields: a new message is added to its union and here.
 */
import type { ClientHello, ClientToScheduler, SchedulerToClient } from './client-messages.js'
import type { MessageShape, ShapesOf } from './field-kinds.js'
import type { Hello } from './session-messages.js'
import type {
  FetchReply,
  FetchResults,
  SchedulerToWorker,
  WorkerHello,
  WorkerToScheduler,
} from './worker-messages.js'

/** Shapes of the messages that an endpoint receives. Of a hello only the fields common to all versions are checked. */
type EndpointShapes<In extends { readonly op: string }> = Omit<ShapesOf<In>, 'hello'> & {
  readonly hello: Pick<MessageShape<Hello>, 'versions' | 'nonce'>
}

const hello = { versions: 'object', nonce: 'string' } as const

const commonHello = { ...hello, pid: 'number', hostname: 'string', secret: 'string' } as const

/** The shape of a worker's hello of this version. */
export const workerHelloShape: MessageShape<WorkerHello> = {
  ...commonHello,
  nthreads: 'number',
  address: 'string',
  name: 'string',
  includeKeys: 'boolean',
  resources: 'object',
}

/** The shape of a client's hello of this version. */
export const clientHelloShape: MessageShape<ClientHello> = { ...commonHello, name: 'string' }

const common = { heartbeat: {}, goodbye: {} } as const

const fromScheduler = {
  ...common,
  unknown: { session: 'string' },
  refused: { nonce: 'string', versions: 'object' },
} as const

const columns = { tasks: 'int32', attempts: 'int32' } as const

export const workerToScheduler: EndpointShapes<WorkerToScheduler> = {
  ...common,
  hello,
  'exit-report': { secret: 'string', code: 'any', signal: 'any' },
  finished: {
    ...columns,
    nbytes: 'float64',
    durations: 'float32',
    delivered: 'int32',
    values: 'list',
    bundles: 'bundles',
  },
  erred: { task: 'number', attempt: 'number', step: 'number', error: 'stored', bundles: 'bundles' },
  missing: {
    task: 'number',
    attempt: 'number',
    input: 'number',
    inputAttempt: 'number',
    holder: 'number',
  },
  replicated: columns,
  seceded: columns,
  'excess-replicas': columns,
  'stray-error': {
    ...columns,
    origin: 'string',
    description: 'string',
    stack: 'string',
    isRunning: 'boolean',
  },
  memory: {
    stored: 'number',
    functions: 'number',
    peak: 'number',
    spilled: 'number',
    isPaused: 'boolean',
  },
  relay: { ...columns, holder: 'number' },
  retire: {},
  'gather-reply': { ...columns, to: 'number', values: 'list', bundles: 'bundles', absent: 'int32' },
}

export const schedulerToWorker: ShapesOf<SchedulerToWorker> = {
  ...fromScheduler,
  welcome: {
    nonce: 'string',
    session: 'string',
    scheduler: 'string',
    worker: 'number',
    addressToClients: 'string',
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
  acquire: { ...columns, holders: 'int32', nbytes: 'float64' },
  retired: {},
  free: columns,
  cancel: columns,
  'forget-recipes': { recipes: 'int32' },
  'forget-bundles': { tokens: 'list' },
  gather: { ...columns, to: 'number' },
  'relay-reply': {
    ...columns,
    holder: 'number',
    values: 'list',
    bundles: 'bundles',
    absent: 'int32',
  },
  'peer-update': { joined: 'list', left: 'int32' },
  'peer-keys': { admitted: 'list', removed: 'list' },
}

export const betweenWorkers: ShapesOf<FetchResults | FetchReply> = {
  'fetch-results': { ...columns, scheduler: 'string', request: 'number' },
  'fetch-reply': {
    ...columns,
    request: 'number',
    values: 'list',
    bundles: 'bundles',
    absent: 'int32',
    last: 'boolean',
  },
}

export const clientToScheduler: EndpointShapes<ClientToScheduler> = {
  ...common,
  hello,
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
    reportProgress: 'boolean',
    externals: 'object',
    annotations: 'list',
    holdTargets: 'boolean',
    deliver: 'int32',
  },
  'cancel-run': { run: 'number' },
  'forget-bundles': { tokens: 'list' },
  resume: { run: 'number', targets: 'int32' },
  'fetch-values': { run: 'number', targets: 'int32' },
  release: { run: 'number', targets: 'int32' },
  retry: { run: 'number', targets: 'int32' },
  'set-collection': {
    request: 'number',
    name: 'string',
    value: 'encoded',
    bundles: 'bundles',
    externals: 'object',
    externalOf: 'int32',
    keys: 'list',
    override: 'boolean',
  },
  'get-collection': { request: 'number', name: 'string' },
  'delete-collection': { request: 'number', name: 'string' },
  'list-collections': { request: 'number' },
  'get-info': { request: 'number' },
  'why-waiting': { request: 'number' },
  'retire-workers': { request: 'number', workers: 'int32' },
  inspect: { request: 'number', what: 'string', tasks: 'any', workers: 'any', limit: 'number' },
}

export const schedulerToClient: ShapesOf<SchedulerToClient> = {
  ...fromScheduler,
  welcome: { nonce: 'string', session: 'string', salt: 'string', runs: 'int32' },
  values: { run: 'number', targets: 'int32', values: 'list', bundles: 'bundles' },
  done: { run: 'number' },
  failed: { run: 'number', failure: 'object', bundles: 'bundles' },
  'target-states': { run: 'number', done: 'int32', nbytes: 'float64', lost: 'int32' },
  'target-failed': { run: 'number', targets: 'int32', failure: 'object', bundles: 'bundles' },
  progress: { run: 'number', done: 'number' },
  'stray-error': {
    origin: 'string',
    description: 'string',
    stack: 'string',
    isRunning: 'boolean',
    worker: 'string',
    tasks: 'list',
  },
  reply: { request: 'number', value: 'stored', bundles: 'bundles', hold: 'any' },
  'reply-error': { request: 'number', code: 'string', message: 'string', known: 'list' },
}
