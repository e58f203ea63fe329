/** Plays the simulation of one seed from its beginning to its end, and says what went wrong. */
import { type Conditions, conditionsOf, type Trouble } from './conditions.js'
import { setWorld } from './current.js'
import { engineOf, stateOf } from './insides.js'
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

/** Virtual milliseconds within which all must be answered once nothing goes wrong any more. */
const answeredWithin = 120_000
/** And within which nothing must be left once all was let go of. */
const emptyWithin = 30_000

/** Plays a seed; with a trace if it is asked for. */
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
  trouble(world)
  await until(world, () => time.now >= conditions.during, Number.POSITIVE_INFINITY)
  world.calmDown()
  // What is asked for last must be done without any trouble, which would cover up what is stuck.
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
  // To look is dear, and a moment more does no harm.
  const isEmpty = (): boolean => time.count % 16 === 0 && leftovers(world) === ''
  await until(world, () => false, 50)
  if (!(await until(world, isEmpty, emptyWithin))) world.failIf(leftovers(world))
}

/** Lets time go by until something is so; false if that does not come about in time. */
async function until(world: World, isSo: () => boolean, within: number): Promise<boolean> {
  const end = world.time.now + within
  while (world.failure === undefined) {
    if (isSo()) return true
    if (world.time.now > end) return false
    if (!(await world.time.step())) throw new Error('nothing happens any more')
  }
  return false
}

/** What is left anywhere. */
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

/** Has something go wrong now and then. */
function trouble(world: World): void {
  const names = Object.entries(world.conditions.troubles).flatMap(([name, share]) =>
    Array<Trouble>(share).fill(name as Trouble),
  )
  if (names.length === 0) return
  world.time.after(20 + world.random() * 500, undefined, () => {
    if (world.isCalm) return
    happen(world, world.choose(names))
    trouble(world)
  })
}

function happen(world: World, what: Trouble): void {
  const { time, network, random, users, living: workers } = world
  const worker = workers.length === 0 ? undefined : world.choose(workers)
  const user = users.length === 0 ? undefined : world.choose(users)
  const scheduler = world.schedulerProcess!
  const during = random() < 0.5 ? random() * 500 : random() * 6000
  world.note(undefined, what)
  if (what === 'worker comes') {
    if (workers.length < 6) world.startWorker()
  } else if (what === 'scheduler dies') {
    if (scheduler.status !== 'dead') world.killScheduler()
  } else if (what === 'scheduler ends') world.endScheduler()
  else if (what === 'scheduler stops') world.stopFor(scheduler, during)
  else if (what === 'client dies') {
    if (user !== undefined) world.killUser(user)
  } else if (what === 'client stops') {
    if (user !== undefined) world.stopFor(user.process, during)
  } else if (worker === undefined) return
  else if (what === 'worker dies') world.killWorker(worker.process)
  else if (what === 'worker stops') world.stopFor(worker.process, during)
  else if (what === 'thread dies') world.loseThread(worker.process)
  else if (what === 'workers are cut off')
    network.cut(worker.process, world.choose(workers).process, during)
  else if (what === 'scheduler is cut off') network.cut(worker.process, scheduler, during)
  else if (what === 'worker leaves') {
    time.after(0, worker.process, () => {
      void worker.worker?.close().then(() => world.killWorker(worker.process))
    })
  }
}
