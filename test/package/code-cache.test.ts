/** The compiled code of bundles that one process keeps for the next: used if it is whole and of this source, made anew otherwise. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { runnableFile } from '../../core/base/package-root.js'
import { run } from './packed.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'skein-code-cache-'))
  const dist = path.dirname(fileURLToPath(runnableFile('index')))
  const filter = (file: string) => !file.endsWith('.d.ts')
  cpSync(dist, path.join(folder, 'dist'), { recursive: true, filter })
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(path.join(folder, 'program.js'), program)
})
afterEach(() => rmSync(path.join(folder, 'node_modules'), { recursive: true, force: true }))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const program = `
  import { da, getSync } from './dist/index.js'
  console.log(await da.arange(10).sum().compute({ get: getSync }))`

/** Runs the program in a new process, which parses bundles or reads their compiled code. */
async function runProgram(env: Record<string, string> = {}): Promise<void> {
  const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  const own = ['env', '-u', 'NODE_V8_COVERAGE', ...settings, process.execPath] as const
  const { code, stdout, stderr } = await run(folder, ...own, 'program.js')
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '45\n', stderr: '' })
}

const cache = () =>
  path.join(folder, 'node_modules', '.cache', 'skein', `${process.version}-${process.arch}`)

const files = () => readdirSync(cache()).sort()

/** When each file was written: a process that could use a file does not write it again. */
const written = () => files().map((file) => statSync(path.join(cache(), file)).mtimeMs)

const isUnix = process.platform !== 'win32'

test.runIf(isUnix)('a process keeps compiled code, and the next uses it', async () => {
  await runProgram()
  expect(files()).toEqual([
    'collections-bundles-array-tasks.bin',
    'collections-bundles-array.bin',
    'core-bundles-core.bin',
    'core-bundles-local.bin',
  ])
  const before = written()
  await runProgram()
  expect(written()).toEqual(before)
})

test.runIf(isUnix)('damaged files are not used, and are replaced', async () => {
  await runProgram()
  const [flipped, short, empty, ...others] = files().map((file) => path.join(cache(), file))
  const bytes = readFileSync(flipped!)
  bytes[bytes.length >> 1]! ^= 1
  writeFileSync(flipped!, bytes)
  writeFileSync(short!, readFileSync(short!).subarray(0, -100))
  writeFileSync(empty!, '')
  const damaged = written()
  await runProgram()
  const mended = written()
  expect(mended.map((time, i) => time > damaged[i]!)).toEqual([
    true,
    true,
    true,
    ...others.map(() => false),
  ])
  await runProgram()
  expect(written()).toEqual(mended)
})

test.runIf(isUnix)('compiled code of another source is not used', async () => {
  await runProgram()
  const script = path.join(folder, 'dist/core/bundles/core.script.js')
  const source = readFileSync(script, 'utf8')
  // As long as before, since V8 compares the lengths.
  const changed = source.replace(/^\/\/ core\/.*$/m, ({ length }) =>
    'console.log(1)'.padEnd(length),
  )
  expect(changed).toHaveLength(source.length)
  try {
    writeFileSync(script, changed)
    const { stdout } = await run(folder, process.execPath, 'program.js')
    expect(stdout).toBe('1\n45\n')
  } finally {
    writeFileSync(script, source)
  }
})

test.runIf(isUnix)('nothing is kept if that is turned off or impossible', async () => {
  await runProgram({ NODE_DISABLE_COMPILE_CACHE: '1' })
  expect(readdirSync(folder)).not.toContain('node_modules')
  mkdirSync(path.join(folder, 'node_modules'))
  writeFileSync(path.join(folder, 'node_modules', '.cache'), 'a file in place of the folder')
  await runProgram()
})
