/** The conditions of a simulation: which faults happen how often, chosen by the seed. */
import { below, seeded } from '../support/random.js'
import type { TaskBehavior } from './task-behavior.js'

/** Faults of single operations, and other random choices of processes. */
export type Chance =
  | 'killedWhileWriting'
  | 'diskFault'
  | 'forcedCancel'
  | 'report'
  | 'stateFault'
  | 'sync'

export interface Conditions {
  readonly name: string
  /** Milliseconds during which faults happen. */
  readonly during: number
  /** The maximum of milliseconds between two actions of a user. */
  readonly pace: number
  readonly mostTasks: number
  /** The maximum of milliseconds that a message takes. */
  readonly slowness: number
  /** Whether messages are encoded as bytes, which takes longer. */
  readonly usesBytes: boolean
  readonly allowedFailures: number
  /** Whether schedulers keep named results and collections on disk. */
  readonly hasState: boolean
  readonly memoryLimit: number
  readonly messages: { readonly loss: number; readonly twice: number; readonly overtaken: number }
  readonly chances: Readonly<Record<Chance, number>>
  readonly behaviors: readonly (readonly [TaskBehavior, number])[]
  /** How often each event happens, relative to the others; none at all if empty. */
  readonly processFaults: Readonly<Partial<Record<ProcessFault, number>>>
}

/** Events that happen to processes and connections. */
export type ProcessFault =
  | 'worker is killed'
  | 'worker stops'
  | 'worker starts'
  | 'worker leaves'
  | 'worker retires'
  | 'thread ends'
  | 'workers are cut off'
  | 'scheduler is cut off'
  | 'client is killed'
  | 'client stops'
  | 'scheduler is killed'
  | 'scheduler closes'
  | 'scheduler stops'

const usualChances = {
  killedWhileWriting: 0,
  diskFault: 0,
  forcedCancel: 0.3,
  report: 0.5,
  stateFault: 0,
  sync: 0.02,
}

const still = { loss: 0, twice: 0, overtaken: 0 }

const kinds: readonly Partial<Conditions>[] = [
  {
    name: 'lost workers',
    processFaults: { 'worker is killed': 3, 'worker starts': 1, 'thread ends': 1 },
  },
  {
    name: 'messages',
    messages: { loss: 0.01, twice: 0.03, overtaken: 0.01 },
    processFaults: { 'worker stops': 1, 'client stops': 1 },
  },
  {
    name: 'errors',
    behaviors: [
      ['fail', 0.02],
      ['once', 0.05],
      ['exit', 0.01],
      ['big', 0.02],
    ],
    processFaults: { 'worker is killed': 1, 'worker leaves': 1, 'worker retires': 2 },
  },
  {
    name: 'killers',
    allowedFailures: 3,
    behaviors: [
      ['kill', 0.01],
      ['fail', 0.01],
    ],
    processFaults: { 'client is killed': 1 },
  },
  {
    name: 'memory',
    memoryLimit: 90_000,
    behaviors: [['big', 0.4]],
    chances: { ...usualChances, diskFault: 0.1 },
    processFaults: { 'worker is killed': 1, 'worker stops': 1 },
  },
  {
    name: 'cuts',
    behaviors: [['big', 0.1]],
    processFaults: { 'workers are cut off': 3, 'scheduler is cut off': 1, 'client stops': 1 },
  },
  {
    name: 'schedulers',
    processFaults: {
      'scheduler is killed': 2,
      'scheduler stops': 1,
      'worker is killed': 1,
      'client is killed': 1,
    },
  },
  {
    name: 'everything',
    memoryLimit: 200_000,
    messages: { loss: 0.003, twice: 0.01, overtaken: 0.003 },
    behaviors: [
      ['fail', 0.005],
      ['once', 0.03],
      ['big', 0.1],
    ],
    processFaults: {
      'worker is killed': 3,
      'worker stops': 2,
      'worker starts': 1,
      'worker leaves': 1,
      'worker retires': 1,
      'thread ends': 2,
      'workers are cut off': 2,
      'scheduler is cut off': 1,
      'client is killed': 1,
      'client stops': 1,
      'scheduler is killed': 1,
      'scheduler stops': 1,
    },
  },
]

/** Schedulers that are killed have a folder for named results and collections; its disk may be full. */
const withState: Partial<Conditions> = {
  hasState: true,
  chances: { ...usualChances, killedWhileWriting: 0.03, stateFault: 0.1 },
}

const restarts: Partial<Conditions> = {
  name: 'restarts',
  ...withState,
  behaviors: [
    ['fail', 0.005],
    ['big', 0.05],
  ],
  processFaults: {
    'scheduler is killed': 3,
    'scheduler closes': 2,
    'scheduler stops': 1,
    'worker is killed': 1,
    'client is killed': 1,
    'client stops': 1,
  },
}

function kindOf(seed: number): Partial<Conditions> {
  const kind = kinds[seed % kinds.length]!
  if (kind.name === 'schedulers' && seed % 16 >= 8) return restarts
  if (kind.name !== 'everything' || seed % 32 < 8 || seed % 32 >= 16) return kind
  return {
    ...kind,
    ...withState,
    name: 'everything with state',
    processFaults: { ...kind.processFaults, 'scheduler closes': 1 },
  }
}

/** Returns the conditions of a seed. */
export function conditionsOf(seed: number): Conditions {
  const random = seeded(seed ^ 0x5eed)
  return {
    name: '',
    during: 1500 + random() * 2500,
    pace: 150 + random() * 500,
    mostTasks: 5 + below(random, 30),
    slowness: 1 + random() * 20,
    usesBytes: random() < 0.1,
    allowedFailures: 100,
    hasState: false,
    memoryLimit: 0,
    messages: still,
    chances: usualChances,
    behaviors: [['big', 0.02]],
    processFaults: {},
    ...kindOf(seed),
  }
}
