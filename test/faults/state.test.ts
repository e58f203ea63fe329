/** A scheduler's state folder: named by the environment, and on a full disk. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import * as db from '../../collections/bag/index.js'
import { runnableFile } from '../../core/base/package-root.js'
import { Client } from '../../distributed/client/client.js'
import { afterwards, errorOf, Folder, until } from './support.js'

const cli = fileURLToPath(runnableFile('distributed/cli/cli'))

/** Starts a scheduler by a command; returns its address to clients and a function that kills it. */
async function scheduler(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ended = once(child, 'exit')
  const kill = async () => {
    child.kill('SIGKILL')
    await ended
  }
  afterwards(kill)
  let said = ''
  child.stdout.on('data', (data) => (said += data))
  const line = /clients at (\S+)/
  await until('the scheduler listens', () => line.test(said))
  return { address: line.exec(said)![1]!, kill }
}

async function connect(address: string): Promise<Client> {
  const client = await Client.connect(address)
  afterwards(() => client.close())
  return client
}

test('the environment can name the folder', async () => {
  const env = { SKEIN_STATE_DIR: join(new Folder().path, 'state') }
  const first = await scheduler(process.execPath, [cli, 'scheduler'], env)
  await (await connect(first.address)).setCollection('kept', db.range(3, { npartitions: 1 }))
  expect(existsSync(env.SKEIN_STATE_DIR)).toBe(true)
  await first.kill()
  const second = await scheduler(process.execPath, [cli, 'scheduler'], env)
  expect(await (await connect(second.address)).listCollections()).toEqual(['kept'])
})

const canMount = spawnSync('unshare', ['-rm', 'true']).status === 0

test.runIf(canMount)('a full disk refuses what it cannot keep, and nothing else', async () => {
  const folder = new Folder().path
  const { address } = await scheduler('unshare', [
    '-rm',
    'sh',
    '-c',
    `mount -t tmpfs -o size=30m none ${folder} && exec ${process.execPath} ${cli} scheduler --state-dir ${folder}/state`,
  ])
  const client = await connect(address)
  const large = (size: number) =>
    db.fromSequence([new Float64Array(size).map((_, i) => Math.sin(i))], { npartitions: 1 })
  await client.setCollection('first', db.range(3, { npartitions: 1 }))
  await client.setCollection('large', large(1_000_000))
  for (const name of ['larger', 'large']) {
    const error = await errorOf(client.setCollection(name, large(4_000_000)))
    expect(error).toMatchObject({ code: 'SCHEDULER', message: expect.stringMatching(/is full/) })
  }
  expect(await client.listCollections()).toEqual(['first', 'large'])
  await client.setCollection('small', db.range(3, { npartitions: 1 }))
  await client.deleteCollection('large')
  expect(await client.listCollections()).toEqual(['first', 'small'])
})
