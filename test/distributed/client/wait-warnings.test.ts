/** What is said when something waits for a scheduler or for workers that are not there. */
import { expect, test } from 'vitest'
import { runFile } from '../../core/run/threads/program.js'

test('a worker and clients that wait for nothing say so once', async () => {
  const { stdout, stderr } = await runFile(
    `
    import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
    import { tmpdir } from 'node:os'
    import path from 'node:path'
    import { Client, Scheduler, Worker } from 'skein'
    let count = 0
    const write = process.stderr.write.bind(process.stderr)
    process.stderr.write = (text, ...others) => {
      if (/^skein (client|worker)/.test(text)) count += 1
      return write(text, ...others)
    }
    const nobody = 'tcp://127.0.0.1:9'
    const empty = await Scheduler.start()
    const scheduler = await Scheduler.start()
    const worker = await Worker.start({ scheduler: scheduler.addressToWorkers, name: 'w1', resources: { disk: 1 } })
    const lonely = await Worker.start({ scheduler: nobody, name: 'lonely' })
    await worker.ready
    const inEmpty = await Client.connect(empty.addressToClients)
    const idle = await Client.connect(empty.addressToClients)
    const client = await Client.connect(scheduler.addressToClients)
    const busy = await Client.connect(scheduler.addressToClients)
    console.log(JSON.stringify([nobody, empty.addressToWorkers, empty.addressToClients, scheduler.addressToClients,
      scheduler.addressToWorkers]))
    const waiting = [
      Client.connect(nobody, { timeout: 60_000 }),
      inEmpty.submitWith({ key: 'a' }, (x) => x, 1).result(),
      client.submitWith({ key: 'b', resources: { GPU: 2 } }, (x) => x, 1).result(),
      client.submitWith({ key: 'c', workers: ['w2'] }, (x) => x, 1).result(),
      inEmpty.waitForWorkers(3),
    ]
    for (const each of waiting) each.catch(() => {})
    // A running task, which no one is warned of: it runs until every warning came, and two seconds more.
    const folder = mkdtempSync(path.join(tmpdir(), 'skein-warnings-'))
    const allCame = path.join(folder, 'all-came')
    const running = busy.submit(async (allCame) => {
      while (!existsSync(allCame)) await new Promise((resolve) => setTimeout(resolve, 100))
      return 5
    }, allCame)
    const deadline = Date.now() + 40_000
    while (count < 6 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 100))
    await new Promise((resolve) => setTimeout(resolve, 2000))
    writeFileSync(allCame, '')
    console.log(await running.result())
    rmSync(folder, { recursive: true })
    for (const each of [lonely, inEmpty, idle, client, busy, worker, empty, scheduler]) await each.close()
    process.exit()`,
    { env: { SKEIN_LOG_LEVEL: 'info' } },
  )
  const [line, ...lines] = stdout.trim().split('\n')
  const [nobody, toWorkers, toEmpty, toClients, joined] = JSON.parse(line!) as string[]
  expect(lines).toContain('5')
  const warnings = stderr.split('\n').filter((each) => /^skein (client|worker)/.test(each))
  const seconds = '\\d+ s; '
  const expected = [
    `worker: w1 has joined the scheduler at ${joined}`,
    `worker: no scheduler has answered at ${nobody} for ${seconds}lonely waits to join`,
    `client: no scheduler has answered at ${nobody} for ${seconds}the client tries to connect`,
    `client: the cluster at ${toEmpty} cannot run task 'a' now: there are no workers; workers connect to ${toWorkers}`,
    `client: the cluster at ${toClients} cannot run task '[bc]' now: it `,
    `client: waitForWorkers waits for 3 workers, and there are 0; workers connect to ${toWorkers}`,
  ]
  for (const pattern of expected)
    expect(warnings.filter((each) => new RegExp(pattern).test(each))).toHaveLength(1)
  expect(warnings).toHaveLength(expected.length)
})
