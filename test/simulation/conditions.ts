/** What may go wrong in a simulation: chosen by its seed, so that every kind of trouble has its turn. */
import { below, seeded } from '../support/random.js'
import type { Deed } from './tasks.js'

/** What happens by chance. */
export type Chance =
  | 'deathWhileWriting'
  | 'diskFault'
  | 'impatience'
  | 'report'
  | 'stateFault'
  | 'sync'

export interface Conditions {
  readonly name: string
  /** Milliseconds during which things go wrong. */
  readonly during: number
  /** The most milliseconds between two things that a client's user does. */
  readonly pace: number
  readonly mostTasks: number
  readonly slowness: number
  /** Whether messages travel as bytes, which takes longer. */
  readonly usesBytes: boolean
  readonly allowedFailures: number
  /** Whether schedulers keep what has a name over their end. */
  readonly hasState: boolean
  readonly memoryLimit: number
  readonly messages: { readonly loss: number; readonly twice: number; readonly overtaken: number }
  readonly chances: Readonly<Record<Chance, number>>
  readonly deeds: readonly (readonly [Deed, number])[]
  /** How often each happens, relative to the others; nothing at all if there is none. */
  readonly troubles: Readonly<Partial<Record<Trouble, number>>>
}

/** What can happen to processes. */
export type Trouble =
  | 'worker dies'
  | 'worker stops'
  | 'worker comes'
  | 'worker leaves'
  | 'thread dies'
  | 'workers are cut off'
  | 'scheduler is cut off'
  | 'client dies'
  | 'client stops'
  | 'scheduler dies'
  | 'scheduler ends'
  | 'scheduler stops'

const usualChances = {
  deathWhileWriting: 0,
  diskFault: 0,
  impatience: 0.3,
  report: 0.5,
  stateFault: 0,
  sync: 0.02,
}

const still = { loss: 0, twice: 0, overtaken: 0 }

const kinds: readonly Partial<Conditions>[] = [
  { name: 'deaths', troubles: { 'worker dies': 3, 'worker comes': 1, 'thread dies': 1 } },
  {
    name: 'messages',
    messages: { loss: 0.01, twice: 0.03, overtaken: 0.01 },
    troubles: { 'worker stops': 1, 'client stops': 1 },
  },
  {
    name: 'errors',
    deeds: [
      ['fail', 0.02],
      ['once', 0.05],
      ['exit', 0.01],
      ['big', 0.02],
    ],
    troubles: { 'worker dies': 1, 'worker leaves': 1 },
  },
  {
    name: 'killers',
    allowedFailures: 3,
    deeds: [
      ['kill', 0.01],
      ['fail', 0.01],
    ],
    troubles: { 'client dies': 1 },
  },
  {
    name: 'memory',
    memoryLimit: 90_000,
    deeds: [['big', 0.4]],
    chances: { ...usualChances, diskFault: 0.1 },
    troubles: { 'worker dies': 1, 'worker stops': 1 },
  },
  {
    name: 'cuts',
    deeds: [['big', 0.1]],
    troubles: { 'workers are cut off': 3, 'scheduler is cut off': 1, 'client stops': 1 },
  },
  {
    name: 'schedulers',
    troubles: { 'scheduler dies': 2, 'scheduler stops': 1, 'worker dies': 1, 'client dies': 1 },
  },
  {
    name: 'everything',
    memoryLimit: 200_000,
    messages: { loss: 0.003, twice: 0.01, overtaken: 0.003 },
    deeds: [
      ['fail', 0.005],
      ['once', 0.03],
      ['big', 0.1],
    ],
    troubles: {
      'worker dies': 3,
      'worker stops': 2,
      'worker comes': 1,
      'worker leaves': 1,
      'thread dies': 2,
      'workers are cut off': 2,
      'scheduler is cut off': 1,
      'client dies': 1,
      'client stops': 1,
      'scheduler dies': 1,
      'scheduler stops': 1,
    },
  },
]

/** Schedulers that die have a folder for what has a name; it may be full. */
const withState: Partial<Conditions> = {
  hasState: true,
  chances: { ...usualChances, deathWhileWriting: 0.03, stateFault: 0.1 },
}

const restarts: Partial<Conditions> = {
  name: 'restarts',
  ...withState,
  deeds: [
    ['fail', 0.005],
    ['big', 0.05],
  ],
  troubles: {
    'scheduler dies': 3,
    'scheduler ends': 2,
    'scheduler stops': 1,
    'worker dies': 1,
    'client dies': 1,
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
    troubles: { ...kind.troubles, 'scheduler ends': 1 },
  }
}

/** The conditions of a seed. */
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
    deeds: [['big', 0.02]],
    troubles: {},
    ...kindOf(seed),
  }
}
