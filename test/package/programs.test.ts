/**
 * The programs that a newcomer runs first: the demo and the notebooks, to their end and interrupted.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { node, root } from './packed.js'

describe('the demo', () => {
  test('ends by itself, and its answers agree', async () => {
    const { code, stdout, stderr } = await node(root, 'scripts/demo.mjs')
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toContain('The ten airports whose flights are latest')
    expect(stdout).toMatch(/Correlation of delay and distance: -?0\.\d{4}\n/)
    expect(stdout).toContain("A second client read 'delays-by-hour': 24 rows")
    expect(stdout).toContain('getSync, in this thread alone: the same rows')
  })

  test.skipIf(process.platform !== 'linux')('leaves no process behind after Ctrl-C', async () => {
    // A group of its own, as a terminal makes one: Ctrl-C goes to all of it at once.
    const demo = spawn(process.execPath, ['scripts/demo.mjs'], { cwd: root, detached: true })
    const ended = once(demo, 'close')
    let printed = ''
    while (!printed.includes('A scheduler at')) {
      const [text] = await Promise.race([once(demo.stdout, 'data'), ended])
      if (typeof text !== 'object') throw new Error('The demo ended before it had a cluster')
      printed += String(text)
    }
    const family = descendants(demo.pid!)
    expect(family.length).toBeGreaterThanOrEqual(3)
    process.kill(-demo.pid!, 'SIGINT')
    await ended
    await expect.poll(() => family.filter(isRunning), { timeout: 600_000 }).toEqual([])
  })
})

describe('the notebooks', () => {
  test('run under the tslab kernel', async ({ skip }) => {
    const { code, stdout, stderr } = await node(root, 'scripts/notebooks.mjs')
    if (code === 2) skip('Jupyter is not installed')
    expect({ code, stdout, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toContain('ran notebooks/flights.ipynb')
  })
})

/** The processes below one, by their numbers. */
function descendants(pid: number): number[] {
  const children: number[] = []
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const list = readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
    children.push(...list.split(' ').filter(Boolean).map(Number))
  }
  return [...children, ...children.flatMap(descendants)]
}

function isRunning(pid: number): boolean {
  try {
    // A zombie has ended; only its parent has not noticed yet.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
