/**
 * `npm test`: installs, builds, runs the tests and prints one closing line, `N passed, N failed`.
 *
 * Arguments are vitest's: `npm test -- test/core`. A compiler error, a test file that does not load and
 * an error outside of any test count as failures too.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { build, installDependencies, root, runNode } from './setup.mjs'

const report = path.join(root, '.tmp', `tests-${process.pid}.json`)
const total = { passed: 0, failed: 0, skipped: 0 }

try {
  installDependencies()
  console.error('Building dist/')
  if (!(await build())) total.failed++
  console.error('Running the tests; each file is listed when it is done')
  await runTests(process.argv.slice(2))
} catch (error) {
  console.error(error)
  total.failed++
}
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : ''
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`)
process.exitCode = total.failed > 0 ? 1 : 0

async function runTests(args) {
  mkdirSync(path.dirname(report), { recursive: true })
  const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const code = await runNode([vitest, 'run', ...reporters, ...args])
  if (existsSync(report)) count(JSON.parse(readFileSync(report, 'utf8')))
  rmSync(report, { force: true })
  if (code !== 0 && total.failed === 0) total.failed++
}

function count(results) {
  total.passed += results.numPassedTests
  total.failed += results.numFailedTests
  total.skipped += results.numPendingTests + results.numTodoTests
  for (const file of results.testResults) {
    if (file.status === 'failed' && file.assertionResults.length === 0) total.failed++
  }
}
