/** However a program or command ends, and whenever: it leaves no process, and no spilled results. */
import { expect, test } from 'vitest'
import { until } from '../support.js'
import { begin, command, localClusterProgram, moduleProgram, pause, type Way } from './endings.js'

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

test('files that were sent with functions are removed, whichever way the program ends', async () => {
  const value = `
    writeFileSync(path.join(folder, 'helper.mjs'), 'export const value = 42')
    const value = async () => (await import('./helper.mjs')).value`
  const gone = `rmSync(path.join(folder, 'helper.mjs'))`
  const cluster = `${value}
    const cluster = await LocalCluster.start({ nworkers: 1 })
    const client = await cluster.client()
    const future = client.submit(value)
    ${gone}
    console.log(await future.result())`
  const programs = [
    `${value}; const running = getThreads({ x: [value] }, 'x'); ${gone}; console.log(await running)`,
    `${cluster}; process.exit()`,
    `${cluster}; await cluster.close()`,
    `${cluster}; setInterval(() => {}, 1000)`,
  ].map((source) => begin(moduleProgram(source)))
  const runs = programs.map(async (program, i) => {
    await program.prints('42')
    if (i === 3) program.end('SIGKILL')
    await program.leavesNothing()
  })
  await Promise.all(runs)
})
