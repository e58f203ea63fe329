/** Plays the simulation of one seed and reports what went wrong. */
import { type Conditions, conditionsOf, type ProcessFault } from './conditions.js'
import { setWorld } from './current-world.js'
import { engineOf, stateOf } from './private-access.js'
import { World } from './world.js'

/** How a simulation ended. */
export interface Outcome {
  readonly seed: number
  readonly conditions: Conditions
  /** What went wrong; undefined if nothing did. */
  readonly failure: string | undefined
  readonly events: number
  /** Milliseconds of virtual time. */
  readonly took: number
  readonly trace: readonly string[]
}

/** Virtual milliseconds within which all requests must be answered when faults have ended. */
const answeredWithin = 120_000
/** Virtual milliseconds within which nothing must be left when all was released. */
const emptyWithin = 30_000

/** Plays a seed, with a trace if asked. */
export async function play(seed: number, isTraced = false): Promise<Outcome> {
  const conditions = conditionsOf(seed)
  const world = new World(seed, conditions, isTraced)
  setWorld(world)
  world.time.install()
  try {
    await live(world)
  } finally {
    world.time.restore()
    setWorld(undefined)
  }
  const { failure, time, trace = [] } = world
  return { seed, conditions, failure, events: time.count, took: time.now, trace }
}

async function live(world: World): Promise<void> {
  const { time, conditions } = world
  world.startScheduler()
  for (let n = 0; n < 3; n++) world.startWorker()
  for (let n = 0; n < 2; n++) world.startUser()
  makeFaults(world)
  await until(world, () => time.now >= conditions.during, Number.POSITIVE_INFINITY)
  world.calmDown()
  // The last requests must be answered without faults, since a fault may set free what is stuck.
  await until(world, () => time.now >= conditions.during + 1500, Number.POSITIVE_INFINITY)
  world.isEnding = true
  for (const user of world.users) time.after(0, user.process, () => user.askForAll())
  const first = world.users.find(({ client }) => client !== undefined)
  if (first !== undefined && world.hasState)
    time.after(0, first.process, () => first.naming.getAll())
  const isAnswered = (): boolean =>
    world.users.every(({ client, open }) => client !== undefined && open.size === 0)
  await until(world, () => false, 50)
  if (!(await until(world, isAnswered, answeredWithin)) && world.failure === undefined) {
    const open = world.users.flatMap(({ process, open }) => [...open].map((o) => [process.name, o]))
    world.failIf(`not answered: ${open.join('; ')}`)
  }
  for (const user of world.users) time.after(0, user.process, () => user.releaseAll())
  const [last] = world.users
  if (last !== undefined) time.after(0, last.process, () => void last.naming.deleteAll())
  // Checking is expensive, and a few events more do no harm.
  const isEmpty = (): boolean => time.count % 16 === 0 && leftovers(world) === ''
  await until(world, () => false, 50)
  if (!(await until(world, isEmpty, emptyWithin))) world.failIf(leftovers(world))
}

/** Lets time pass until a condition holds; returns false if it does not in time. */
async function until(world: World, isSo: () => boolean, within: number): Promise<boolean> {
  const end = world.time.now + within
  while (world.failure === undefined) {
    if (isSo()) return true
    if (world.time.now > end) return false
    if (!(await world.time.step())) throw new Error('nothing happens any more')
  }
  return false
}

/** Describes what is left anywhere. */
function leftovers(world: World): string {
  const left: string[] = []
  if (world.scheduler === undefined) return 'there is no scheduler'
  const engine = engineOf(world.scheduler)
  if (!engine.state.isEmpty) left.push('the state of the scheduler is not empty')
  if (engine.runs > 0) left.push(`${engine.runs} runs are left`)
  const { size } = world.stateDisk.records
  if (size > 0) left.push(`${size} records are left on disk`)
  for (const { process, worker } of world.living) {
    if (worker === undefined) continue
    const { memory, isEmpty } = stateOf(worker)
    const bytes = memory.stored + memory.spilled
    if (!isEmpty || bytes > 0) left.push(`${process.name} is not empty: ${bytes} bytes`)
  }
  for (const user of world.users) {
    const of = user.leftovers()
    if (of !== '') left.push(`${user.process.name}: ${of}`)
  }
  return left.join('; ')
}

/** Makes random faults happen until the world is calm. */
function makeFaults(world: World): void {
  const names = Object.entries(world.conditions.processFaults).flatMap(([name, share]) =>
    Array<ProcessFault>(share).fill(name as ProcessFault),
  )
  if (names.length === 0) return
  world.time.after(20 + world.random() * 500, undefined, () => {
    if (world.isCalm) return
    happen(world, world.choose(names))
    makeFaults(world)
  })
}

function happen(world: World, what: ProcessFault): void {
  const { time, network, random, users, living: workers } = world
  const worker = workers.length === 0 ? undefined : world.choose(workers)
  const user = users.length === 0 ? undefined : world.choose(users)
  const scheduler = world.schedulerProcess!
  const during = random() < 0.5 ? random() * 500 : random() * 6000
  world.note(undefined, what)
  if (what === 'worker starts') {
    if (workers.length < 6) world.startWorker()
  } else if (what === 'scheduler is killed') {
    if (scheduler.status !== 'dead') world.killScheduler()
  } else if (what === 'scheduler closes') world.endScheduler()
  else if (what === 'scheduler stops') world.stopFor(scheduler, during)
  else if (what === 'client is killed') {
    if (user !== undefined) world.killUser(user)
  } else if (what === 'client stops') {
    if (user !== undefined) world.stopFor(user.process, during)
  } else if (worker === undefined) return
  else if (what === 'worker is killed') world.killWorker(worker.process)
  else if (what === 'worker stops') world.stopFor(worker.process, during)
  else if (what === 'thread ends') world.loseThread(worker.process)
  else if (what === 'workers are cut off')
    network.cut(worker.process, world.choose(workers).process, during)
  else if (what === 'scheduler is cut off') network.cut(worker.process, scheduler, during)
  else if (what === 'worker leaves') {
    time.after(0, worker.process, () => {
      void worker.worker?.close().then(() => world.killWorker(worker.process))
    })
  } else if (what === 'worker retires') {
    time.after(0, worker.process, () => {
      void worker.worker?.retire().then(() => world.killWorker(worker.process))
    })
  }
}
