/** Processes that may open too few files say so before they start, on one line. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runnableFile } from '../../../core/base/package-root.js'

const cli = fileURLToPath(runnableFile('distributed/cli/cli'))

/** Runs Node with a limit of open files, and returns what it prints on stderr. */
async function runWith(
  limit: number,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; errors: string }> {
  const script = `ulimit -n ${limit} && exec "$@"`
  const child = spawn('sh', ['-c', script, 'sh', process.execPath, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (data) => (errors += data))
  const [code] = await once(child, 'close')
  return { code, errors }
}

test.runIf(process.platform === 'linux').each([
  ['scheduler', []],
  ['worker', ['tcp://127.0.0.1:1']],
  ['worker', ['tcp://127.0.0.1:1', '--no-nanny']],
])('skein %s %j with 64 open files', async (command, args) => {
  const { code, errors } = await runWith(64, [cli, command, ...args])
  expect(code).toBe(1)
  expect(errors).toMatch(
    /^skein: skein \w+ needs to open about \d+ files, .* its limit is 64\. Raise it, such as by 'ulimit -n \d+'\n$/,
  )
})

test.runIf(process.platform === 'linux')(
  'a program runs that imports skein with 64 open files',
  async () => {
    const source = `
    import { getSync } from '${runnableFile('index').href}'
    if (getSync({ x: [() => 1] }, 'x') !== 1) process.exit(3)`
    const ended = await runWith(64, ['--input-type=module', '-e', source])
    expect(ended).toEqual({ code: 0, errors: '' })
  },
)

/** A program that starts something only when its modules are loaded, for which Node itself needs many files. */
const program = (start: string) => `
  import { getThreads } from '${runnableFile('index').href}'
  import { LocalCluster, Scheduler, Worker } from '${runnableFile('distributed/index').href}'
  const { openSync, readdirSync } = await import('node:fs')
  while (readdirSync('/proc/self/fd').length < 500) openSync('/dev/null', 'r')
  ${start}.catch((error) => {
    process.stderr.write(error.code + ': ' + error.message)
    process.exit(2)
  })`

test.runIf(process.platform === 'linux').each([
  ["getThreads({ x: [() => 1] }, 'x')", /^OPEN_FILES: getThreads with 4 threads .* or set SKEIN_/],
  ['Scheduler.start({})', /^OPEN_FILES: Scheduler.start needs to open/],
  [
    "Worker.start({ scheduler: 'tcp://127.0.0.1:1', nthreads: 2 })",
    /^OPEN_FILES: Worker.start with nthreads 2 .* or give fewer threads$/,
  ],
  [
    'LocalCluster.start({ nworkers: 2 })',
    /^OPEN_FILES: LocalCluster.start with nworkers 2 and nthreads 1 .* or start fewer$/,
  ],
])('%s with too few open files left', async (start, message) => {
  const { code, errors } = await runWith(512, ['--input-type=module', '-e', program(start)], {
    SKEIN_THREADS: '4',
  })
  expect(code).toBe(2)
  expect(errors).toMatch(message)
  expect(errors).toContain('its limit is 512')
})
