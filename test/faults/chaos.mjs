/**
 * Chaos: rounds of shuffle-like graphs while workers are killed, leave and join all the time. The
 * results of every round are compared with those of `getSync`.
 *
 *   node test/faults/chaos.mjs --rounds 100 [--seed 1] [--workers 3] [--every 200]
 *
 * `--every` is the mean time between two incidents in milliseconds; by default shorter than a worker
 * takes to start. No task causes these losses of workers, so the scheduler is started with a high
 * `--allowed-failures`, as on machines that can be taken away at any time.
 *
 * Prints one line at the end, `N of N rounds right`; the exit code is 1 if a round was wrong.
 */

import { deepStrictEqual } from 'node:assert'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const dist = new URL('../../dist/', import.meta.url)
const { Client, db, getSync } = await import(new URL('index.js', dist))
const cli = fileURLToPath(new URL('distributed/cli/cli.js', dist))

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '3' },
    every: { type: 'string', default: '200' },
    'allowed-failures': { type: 'string', default: '20' },
  },
})
const rounds = Number(options.rounds)
const atMost = Number(options.workers)
const every = Number(options.every)
/** Milliseconds that a round may take. */
const patience = 60_000

/** Numbers from 0 to 1, the same for every run with a seed (mulberry32). */
function seeded(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let x = Math.imul(state ^ (state >>> 15), state | 1)
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61)
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32
  }
}
const random = seeded(Number(options.seed))
const below = (limit) => Math.floor(random() * limit)
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

const processes = new Set()
function start(...args) {
  const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  processes.add(child)
  child.errors = ''
  child.stderr.on('data', (data) => {
    child.errors += data
  })
  child.once('exit', () => processes.delete(child))
  return child
}

async function lineOf(child, pattern) {
  let output = ''
  for await (const data of child.stdout) {
    output += data
    const found = pattern.exec(output)
    if (found !== null) return found
  }
  throw new Error(`It ended without ${pattern}: ${output}${child.errors}`)
}

process.once('SIGTERM', () => process.exit(1))
process.once('SIGINT', () => process.exit(1))
process.on('exit', () => {
  for (const child of processes) child.kill('SIGKILL')
})

const scheduler = start('scheduler', '--allowed-failures', options['allowed-failures'])
const [, toWorkers, toClients] = await lineOf(scheduler, /workers at (\S+), clients at (\S+)/)
const workers = []
/** Milliseconds that a worker takes to start on this machine now. */
let startup = 500

function join() {
  const worker = start('worker', toWorkers, '--no-nanny', '--nthreads', String(1 + below(2)))
  workers.push(worker)
  worker.once('exit', () => {
    if (workers.includes(worker)) workers.splice(workers.indexOf(worker), 1)
  })
  const began = performance.now()
  worker.stdout.once('data', () => {
    startup += (performance.now() - began - startup) * 0.3
  })
}

for (let i = 0; i < atMost; i++) join()
const client = await Client.connect(toClients)

/** The numbers of incidents so far. */
const counts = { killed: 0, left: 0, stopped: 0, joined: 0, all: 0 }
let isOver = false

function end(worker, signal) {
  const at = workers.indexOf(worker)
  if (at >= 0) workers.splice(at, 1)
  // A worker that is asked to leave may still be starting, and a stopped one does not react.
  worker.kill(signal)
}

async function someWorkerIsThere() {
  while (!isOver && (await client.schedulerInfo()).workers.length === 0) await sleep(10)
}

async function makeTrouble() {
  while (!isOver) {
    // On a busy machine incidents must leave time for workers to start.
    await sleep(Math.max(every, startup / 2) * (0.2 + 1.6 * random()))
    if (!isOver) await someWorkerIsThere()
    const chance = random()
    const victim = workers[below(workers.length)]
    if (victim !== undefined && chance < 0.45) {
      counts.killed++
      end(victim, 'SIGKILL')
    } else if (victim !== undefined && chance < 0.55) {
      counts.left++
      end(victim, 'SIGTERM')
    } else if (victim !== undefined && chance < 0.65) {
      counts.stopped++
      victim.kill('SIGSTOP')
      await sleep(below(300))
      victim.kill('SIGCONT')
    } else if (chance < 0.68) {
      counts.all++
      for (const worker of [...workers]) end(worker, 'SIGKILL')
    }
    while (workers.length < atMost && random() < 0.8) {
      counts.joined++
      join()
    }
  }
}

/** A handwritten shuffle: every part of the second layer reads a piece of every part of the first. */
function allToAll(width, salt) {
  const graph = {}
  const make = (i, salt, width) =>
    Array.from({ length: 200 }, (_, k) => ((k + 1) * (i + salt) * 7919) % (width * 1000))
  const piece = (part, j, width) => part.filter((x) => x % width === j)
  const join = (pieces) => pieces.flat().sort((a, b) => a - b)
  const total = (lists) => lists.reduce((sum, list) => sum + list.length * (list[0] ?? 1), 0)
  const ends = []
  for (let i = 0; i < width; i++) {
    graph[`part${i}`] = [make, i + 1, salt, width]
    for (let j = 0; j < width; j++) graph[`piece${i},${j}`] = [piece, `part${i}`, j, width]
  }
  for (let j = 0; j < width; j++) {
    graph[`end${j}`] = [join, Array.from({ length: width }, (_, i) => `piece${i},${j}`)]
    ends.push(`end${j}`)
  }
  graph.total = [total, ends]
  return { graph, keys: [...ends, 'total'] }
}

/** A shuffle by a bag's `groupby`. */
function grouped(salt) {
  return db
    .range(3000, { npartitions: 12 })
    .map((x) => ({ group: (x * salt) % 37, x }))
    .groupby('group')
    .map(([group, items]) => [group, items.reduce((sum, item) => sum + item.x, 0), items.length])
}

const sorted = (groups) => [...groups].sort(([a], [b]) => a - b)

async function round(number) {
  const salt = 1 + below(10_000)
  if (number % 2 === 0) {
    const { graph, keys } = allToAll(12 + below(8), salt)
    const expected = getSync(graph, keys)
    deepStrictEqual(await client.get(graph, keys), expected)
    return
  }
  const groups = grouped(salt)
  const expected = await groups.compute({ get: async (...args) => getSync(...args) })
  deepStrictEqual(sorted(await groups.compute({ get: client.get })), sorted(expected))
}

const trouble = makeTrouble()
const began = performance.now()
let right = 0
for (let number = 0; number < rounds; number++) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${patience} ms`)), patience)
  })
  try {
    await Promise.race([round(number), late])
    right++
  } catch (error) {
    console.log(`round ${number} went wrong:`, error)
    console.log((await client.schedulerInfo().catch(String)) ?? '')
  } finally {
    clearTimeout(timer)
  }
  if ((number + 1) % 10 === 0) console.log(`${number + 1} rounds, ${right} right`, counts)
}
isOver = true
await trouble
const seconds = ((performance.now() - began) / 1000).toFixed(1)
const { runs } = await client.schedulerInfo()
if (runs !== 0) console.log(`${runs} computations are left at the scheduler`)
const faults = scheduler.errors.split('\n').filter((line) => /an error in|could not/.test(line))
if (faults.length > 0) console.log(faults.join('\n'))
await client.close()
for (const child of [...processes]) {
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}
const isFine = right === rounds && runs === 0 && faults.length === 0
console.log(`${right} of ${rounds} rounds right, in ${seconds} s, seed ${options.seed}`)
process.exit(isFine ? 0 : 1)
