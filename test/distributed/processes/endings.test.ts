/** However a program or command ends, and whenever: it leaves no process, and no spilled results. */
import { afterEach, expect, test } from 'vitest'
import { until } from '../support.js'
import { command, localClusterProgram, pause, type StartedProgram, type Way } from './endings.js'

const started: StartedProgram[] = []

afterEach(() => {
  for (const program of started.splice(0)) program.clear()
})

function begin<T extends StartedProgram>(program: T): T {
  started.push(program)
  return program
}

test('a program that ends while its local cluster starts, or works, leaves nothing', async () => {
  const endings: [Way, number][] = [
    ['SIGKILL', 0],
    ['SIGKILL', 120],
    ['SIGKILL', 350],
    ['Ctrl-C', 200],
    ['exit', 60],
    ['throw', 250],
  ]
  const early = endings.map(async ([way, after]) => {
    const program = begin(localClusterProgram(way, after))
    await program.prints('starting')
    await pause(after)
    program.end(way)
    await program.leavesNothing()
  })
  await Promise.all(early)
  const late = (['SIGKILL', 'SIGHUP', 'exit'] as Way[]).map(async (way) => {
    const program = begin(localClusterProgram(way, -1))
    await program.prints('spilled')
    program.end(way)
    await program.leavesNothing()
  })
  await Promise.all(late)
})

test('a worker ends when its nanny is killed as it starts, or as a replacement starts', async () => {
  const delays = [0, 100, 200, 300]
  const runs = delays.map(async (delay) => {
    const first = begin(command('worker', 'tcp://127.0.0.1:1'))
    await until('the worker has a process', () => first.worker() !== undefined)
    await pause(delay)
    first.end('SIGKILL')
    await first.leavesNothing()
  })
  await Promise.all(runs)
  const nanny = begin(command('worker', 'tcp://127.0.0.1:1'))
  await until('the worker has a process', () => nanny.worker() !== undefined)
  const former = nanny.worker()!
  process.kill(former, 'SIGKILL')
  await until('the worker is replaced', () => ![undefined, former].includes(nanny.worker()))
  nanny.end('SIGKILL')
  await nanny.leavesNothing()
  expect(nanny.errors).toContain('SIGKILL; another is started')
})
