/**
 * Runs the public conformance suite of the Array API standard against `da`.
 *
 *   npm run test:array-api -- --suite ../array-api-tests [--get threads] [--examples 20] [pytest arguments]
 *
 * `--suite` is a clone of github.com/data-apis/array-api-tests with its submodule. Python's packages are
 * installed in `.tmp/array-api`. The last line has the numbers of tests that passed and failed.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { build, installDependencies } from './setup.mjs'

const args = process.argv.slice(2)
const option = (name, fallback) => {
  const at = args.indexOf(`--${name}`)
  return at < 0 ? fallback : args.splice(at, 2)[1]
}
const suite = path.resolve(
  option('suite', process.env.SKEIN_ARRAY_API_TESTS ?? '../array-api-tests'),
)
const get = option('get', 'sync')
const examples = option('examples', '20')
const own = path.resolve('test/conformance/array-api')
const venv = path.resolve('.tmp/array-api/venv')

if (!existsSync(path.join(suite, 'array-api', 'src'))) {
  console.error(
    `There is no conformance suite in ${suite}; clone github.com/data-apis/array-api-tests with --recurse-submodules and name its folder with --suite`,
  )
  process.exit(2)
}

const run = (command, list, options = {}) => {
  const { status, error } = spawnSync(command, list, { stdio: 'inherit', ...options })
  if (error) throw error
  return status
}

installDependencies()
if (!(await build())) process.exit(1)
if (!existsSync(venv)) {
  mkdirSync(path.dirname(venv), { recursive: true })
  const pip = [path.join(venv, 'bin', 'python'), '-m', 'pip', 'install', '--quiet']
  const status =
    run('python3', ['-m', 'venv', venv]) ||
    run(pip[0], [...pip.slice(1), '-r', path.join(own, 'requirements.txt')])
  if (status !== 0) process.exit(status)
}

const pytest = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--tb=short', '--derandomize']
const tests = args.some((arg) => !arg.startsWith('-')) ? [] : ['array_api_tests']
process.exitCode = run(
  path.join(venv, 'bin', 'python'),
  [...pytest, '--disable-deadline', '--max-examples', examples, ...tests, ...args],
  {
    cwd: suite,
    env: {
      ...process.env,
      SKEIN_ARRAY_API_TESTS: suite,
      SKEIN_ARRAY_API_GET: get,
      SKEIN_NODE: process.execPath,
      ARRAY_API_TESTS_MODULE: 'skein_array_api',
      ARRAY_API_TESTS_VERSION: '2024.12',
      PYTHONPATH: own,
      PYTHONDONTWRITEBYTECODE: '1',
    },
  },
)
