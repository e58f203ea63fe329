/** `npm run bench:peers`: Skein beside its peers. bench/README.md describes it. */
import { setMaxListeners } from 'node:events'
import os from 'node:os'
import { ArgumentError, parseArguments } from './arguments.js'
import { Contest } from './contest.js'
import { type Environments, makeEnvironments } from './environments.js'
import type { RowResult } from './figures.js'
import { closingLines, formatPage, titleOf } from './page.js'
import { killAllPeers } from './peer-process.js'
import { type Peer, peers, type RowSpec } from './row-types.js'
import { rows } from './rows.js'

type Choice = ReturnType<typeof parseArguments>

/** The peers of a row that take part in this run. */
function contendersOf(row: RowSpec, choice: Choice, { missing }: Pick<Environments, 'missing'>) {
  const isThere = (peer: Peer): boolean => !missing.has(peers[peer].of)
  return row.peers.filter((peer) => isThere(peer) && (choice.peers?.has(peer) ?? true))
}

/** The peers of the next rows, up to one with processes of its own: others should not run beside those. */
function neededNext(choice: Choice, environments: Environments, next: number): Set<Peer> {
  const rest = choice.rows.slice(next)
  const end = rest.findIndex(({ kind = 'served' }) => kind !== 'served')
  const served = end < 0 ? rest : rest.slice(0, end)
  return new Set(served.flatMap((row) => contendersOf(row, choice, environments)))
}

async function runAll(choice: Choice, environments: Environments): Promise<RowResult[]> {
  const contest = new Contest(environments, choice.isQuick)
  const results: RowResult[] = []
  for (const [i, row] of choice.rows.entries()) {
    const names = contendersOf(row, choice, environments)
    if (names.length === 0) continue
    const start = performance.now()
    const scores = await contest.run(row, names, choice.rows.length - i)
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    console.error(`${row.name}: ${names.length} peers, ${seconds} s`)
    results.push({ row, scores })
    await contest.keepOnly(neededNext(choice, environments, i + 1))
  }
  await contest.keepOnly(new Set())
  return results
}

async function main(): Promise<void> {
  const choice = parseArguments(process.argv.slice(2), rows)
  const everybody = choice.rows.flatMap((row) => contendersOf(row, choice, { missing: new Map() }))
  const environments = makeEnvironments(new Set(everybody))
  for (const [name, reason] of environments.missing) console.error(`${name} is left out: ${reason}`)
  const results = await runAll(choice, environments)
  const contest = new Contest(environments, choice.isQuick)
  const titles = new Map(
    choice.rows.map((row) => [row.name, titleOf(row.title, contest.sizeOf(row))]),
  )
  const heading = {
    date: new Date().toISOString().slice(0, 10),
    machine: `${os.cpus()[0]?.model.trim()}, ${os.cpus().length} cores, ${Math.round(os.totalmem() / 1e9)} GB, ${os.type()}`,
    versions: environments.versions,
    missing: environments.missing,
    isQuick: choice.isQuick,
  }
  const page = formatPage(results, heading, titles)
  console.log(page)
  const { text, isFailure } = closingLines(results)
  console.log(`\n${text}`)
  process.send?.({ page, isWritten: choice.isWritten })
  if (isFailure) process.exitCode = 1
}

setMaxListeners(100)
process.on('exit', killAllPeers)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => process.exit(130))
try {
  await main()
} catch (error) {
  if (!(error instanceof ArgumentError)) throw error
  console.error(error.message)
  process.exitCode = 2
}
process.disconnect?.()
