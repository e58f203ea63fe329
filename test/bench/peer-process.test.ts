/** The processes of the peers: answers, failures, and that nothing is left of them. */
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { limitsFor } from '../../bench/peers/contest.js'
import { PeerFailure, PeerProcess } from '../../bench/peers/peer-process.js'

/** A peer that starts a process of its own and tells its pid; it never answers to `finish`. */
const source = `
const { spawn } = require('node:child_process')
const { writeSync } = require('node:fs')
const answer = (message) => writeSync(3, JSON.stringify(message) + '\\n')
const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
console.log('noise')
answer({ ready: true })
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { op } = JSON.parse(line)
  if (op === 'prepare') answer({ error: 'no such row' })
  if (op === 'run') answer({ seconds: 1, value: child.pid })
})
`

const hasProcesses = existsSync('/proc/self/stat')
const minute = 60_000

test('a peer answers, reports errors, and is killed with its children when it does not answer', async () => {
  const command = { file: process.execPath, args: ['-e', source], env: process.env }
  const peer = await PeerProcess.start('test', command, minute)
  const { value: child } = await peer.ask({ op: 'run' }, minute)
  if (hasProcesses) {
    expect(peer.tree.cpuSeconds()).toBeGreaterThan(0)
    expect(peer.tree.peakBytes()).toBeGreaterThan(1e7)
  }
  await expect(peer.ask({ op: 'prepare', row: 'x', size: {} }, minute)).rejects.toThrow(
    /^no such row$/,
  )
  expect(peer.isAlive).toBe(true)
  await expect(peer.ask({ op: 'finish' }, 200)).rejects.toThrow(
    /^no answer to finish within 0.2 s\nnoise$/,
  )
  expect(peer.isAlive).toBe(false)
  await expect(peer.ask({ op: 'run' }, minute)).rejects.toThrow(PeerFailure)
  // One that has ended but was not waited for is a zombie.
  const isRunning = (): boolean => {
    try {
      return !/\) Z /.test(readFileSync(`/proc/${child}/stat`, 'utf8'))
    } catch {
      return false
    }
  }
  while (hasProcesses && isRunning()) await new Promise((resolve) => setTimeout(resolve, 10))
})

test('a peer that ends at its start is a failure that shows what it printed', async () => {
  const args = ['-e', "console.log('no module'); process.exit(1)"]
  const command = { file: process.execPath, args, env: process.env }
  await expect(PeerProcess.start('test', command, minute)).rejects.toThrow(
    /^the process ended\nno module$/,
  )
  const absent = { file: '/nowhere/python', args: [], env: process.env }
  await expect(PeerProcess.start('test', absent, minute)).rejects.toThrow(
    '/nowhere/python cannot be started',
  )
})

test('when a run is late, others get less time', () => {
  const limits = {
    ...{ rounds: 5, leastRounds: 1, answer: 60_000 },
    ...{ budget: 1000, ourBudget: 4000, whole: 100_000 },
  }
  expect(limitsFor(limits, 0, 10)).toEqual(limits)
  expect(limitsFor(limits, 75_000, 10)).toMatchObject({ budget: 500, ourBudget: 2000 })
  expect(limitsFor(limits, 200_000, 10)).toMatchObject({ budget: 0, ourBudget: 1000, rounds: 5 })
})
