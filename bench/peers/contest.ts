/**
 * Runs a row: the peers take turns, round after round, and each round of each peer gives a figure. A slow
 * peer gets fewer rounds, so that a run ends in time.
 */
import { spawn } from 'node:child_process'
import type { Environments } from './environments.js'
import type { Score } from './figures.js'
import { logFiles, salesCsvFile, salesFile, salesParquetFile, wordsFile } from './files.js'
import { type Command, PeerProcess } from './peer-process.js'
import { endedChildrenCpu } from './process-tree.js'
import { type Peer, peers, type RowSpec, type RunAnswer, type Value } from './row-types.js'

/** How long a row may take. Times are in milliseconds. */
export interface Limits {
  readonly rounds: number
  readonly leastRounds: number
  /** A peer that has used this much time gets no further round. */
  readonly budget: number
  /** The same for Skein: more, so that goals are judged by the median of all rounds. */
  readonly ourBudget: number
  /** The limit for one answer of a peer. */
  readonly answer: number
  /** The goal for the whole run. If rows take longer than their share, later rows get fewer rounds. */
  readonly whole: number
}

const full: Limits = {
  rounds: 7,
  leastRounds: 3,
  budget: 10_000,
  ourBudget: 60_000,
  answer: 300_000,
  whole: 25 * 60_000,
}
const quick: Limits = {
  rounds: 5,
  leastRounds: 1,
  budget: 1500,
  ourBudget: 10_000,
  answer: 60_000,
  whole: 270_000,
}

/** Returns the limits of the next row: less time if the rows before it took long. `passed` is the time so far, `rest` the rows left. */
export function limitsFor(limits: Limits, passed: number, rest: number): Limits {
  const share = Math.max(0, limits.whole - passed) / rest
  // Three of ours and about as many others take turns.
  const factor = Math.min(1, share / (5 * limits.budget))
  return {
    ...limits,
    budget: limits.budget * factor,
    ourBudget: Math.max(limits.budget, limits.ourBudget * factor),
  }
}

interface Contender {
  readonly peer: Peer
  readonly figures: number[]
  /** The CPU seconds of all rounds. */
  cpu: number | undefined
  value: Value | undefined
  spent: number
  failure: string | undefined
}

/** Runs rows, with long-lived processes that are started when a row needs them. */
export class Contest {
  private readonly served = new Map<Peer, PeerProcess>()
  private limits: Limits
  private readonly start = performance.now()

  constructor(
    private readonly environments: Environments,
    private readonly isQuick: boolean,
  ) {
    this.limits = isQuick ? quick : full
  }

  /**
   * Runs one row with these peers and returns their scores, in the row's order.
   * @param rest How many rows are still to be run, with this one.
   */
  async run(row: RowSpec, names: readonly Peer[], rest: number): Promise<Score[]> {
    this.limits = limitsFor(this.isQuick ? quick : full, performance.now() - this.start, rest)
    const size = this.sizeOf(row)
    const contenders = names.map(
      (peer): Contender => ({
        peer,
        figures: [],
        cpu: undefined,
        value: undefined,
        spent: 0,
        failure: undefined,
      }),
    )
    const kind = row.kind ?? 'served'
    if (kind === 'served')
      for (const contender of contenders)
        await this.attempt(contender, () => this.prepare(contender, row, size))
    for (let round = 0; round < this.limits.rounds; round++) {
      // Another one begins in each round.
      const shift = round % contenders.length
      for (const contender of [...contenders.slice(shift), ...contenders.slice(0, shift)]) {
        if (contender.failure !== undefined || !this.hasTime(contender)) continue
        await this.attempt(contender, async () => {
          if (kind === 'command') await this.runCommand(contender, row)
          else if (kind === 'fresh') await this.runFresh(contender, row, size)
          else await this.runServed(contender, row)
        })
      }
    }
    for (const { peer } of contenders) await this.finish(peer)
    return contenders.map(({ spent: _, cpu, ...score }) => ({
      ...score,
      cpu: cpu === undefined ? undefined : cpu / score.figures.length,
    }))
  }

  /** Ends the processes of the peers that no later row needs. */
  async keepOnly(needed: ReadonlySet<Peer>): Promise<void> {
    for (const [peer, process] of this.served) {
      if (needed.has(peer)) continue
      this.served.delete(peer)
      await process.close()
    }
  }

  /** The sizes of a row, with the path of its file. */
  sizeOf(row: RowSpec): Record<string, number | string> {
    const size: Record<string, number | string> = { ...row.size }
    if (this.isQuick && row.quick) Object.assign(size, row.quick)
    const bytes = size.bytes as number
    if (row.file === 'words') size.path = wordsFile(bytes)
    if (row.file === 'sales') size.path = salesFile(bytes)
    if (row.file === 'sales-csv') size.path = salesCsvFile(bytes)
    if (row.file === 'sales-parquet') size.path = salesParquetFile(size.n as number)
    if (row.file === 'logs') size.path = logFiles(bytes)
    return size
  }

  private hasTime({ peer, figures, spent }: Contender): boolean {
    const { budget, ourBudget, leastRounds } = this.limits
    return figures.length < leastRounds || spent < (peers[peer].of === 'skein' ? ourBudget : budget)
  }

  private async attempt(contender: Contender, step: () => Promise<void>): Promise<void> {
    const start = performance.now()
    try {
      await step()
    } catch (error) {
      contender.failure = (error as Error).message
    }
    contender.spent += performance.now() - start
  }

  /** Prepares a row, and runs it once without counting: code is compiled and pools are started. */
  private async prepare(
    contender: Contender,
    row: RowSpec,
    size: Record<string, number | string>,
  ): Promise<void> {
    const { peer } = contender
    const { answer } = this.limits
    let process = this.served.get(peer)
    if (process === undefined || !process.isAlive) {
      process = await PeerProcess.start(peer, this.environments.serve(peer), answer)
      this.served.set(peer, process)
    }
    const start = performance.now()
    await process.ask({ op: 'prepare', row: row.name, size }, answer)
    const first = (await process.ask({ op: 'run' }, answer)) as RunAnswer
    contender.value = first.value
    // Preparing is not on the peer's account.
    contender.spent -= performance.now() - start - first.seconds * 1000
  }

  private async runServed(contender: Contender, row: RowSpec): Promise<void> {
    const process = this.served.get(contender.peer)!
    note(contender, row, await measure(process, this.limits.answer))
  }

  private async runFresh(
    contender: Contender,
    row: RowSpec,
    size: Record<string, number | string>,
  ): Promise<void> {
    const { peer } = contender
    const command = this.environments.serve(peer)
    const process = await PeerProcess.start(`${peer}-fresh`, command, this.limits.answer)
    try {
      await process.ask({ op: 'prepare', row: row.name, size }, this.limits.answer)
      const measured = await measure(process, this.limits.answer)
      const peak = row.unit === 'bytes' ? process.tree.peakBytes() : undefined
      note(contender, row, { figure: peak, ...measured })
    } finally {
      await process.close()
    }
  }

  private async runCommand(contender: Contender, row: RowSpec): Promise<void> {
    const args = row.commands?.[contender.peer] ?? []
    const seconds = await lifeOf(this.environments.command(contender.peer, args))
    note(contender, row, seconds)
  }

  private async finish(peer: Peer): Promise<void> {
    const process = this.served.get(peer)
    if (process?.isAlive !== true) return
    try {
      await process.ask({ op: 'finish' }, this.limits.answer)
    } catch {
      // It was killed, and starts again for the next row.
    }
  }
}

interface Measured {
  readonly seconds: number
  readonly figure?: number | undefined
  readonly cpu?: number | undefined
  readonly value?: Value
}

async function measure(process: PeerProcess, timeLimit: number): Promise<Measured> {
  const before = process.tree.cpuSeconds()
  const answer = (await process.ask({ op: 'run' }, timeLimit)) as RunAnswer
  const after = process.tree.cpuSeconds()
  const cpu = before === undefined || after === undefined ? undefined : after - before
  return { ...answer, cpu }
}

function note(contender: Contender, row: RowSpec, measured: Measured): void {
  const { seconds, figure = row.unit === 'bytes' ? undefined : seconds, cpu, value } = measured
  if (figure === undefined) throw new Error('the memory of processes cannot be read here')
  contender.figures.push(figure)
  if (cpu !== undefined) contender.cpu = (contender.cpu ?? 0) + cpu
  contender.value ??= value
}

/** Runs a command, and returns the seconds until it ended. */
async function lifeOf(command: Command): Promise<Measured> {
  const cpuBefore = endedChildrenCpu()
  const start = performance.now()
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(command.file, command.args, {
      env: command.env,
      stdio: 'ignore',
      timeout: 60_000,
      killSignal: 'SIGKILL',
    })
    child.once('error', reject)
    child.once('exit', resolve)
  })
  const seconds = (performance.now() - start) / 1000
  if (code !== 0) throw new Error(`the command ended with code ${code}`)
  return { seconds, cpu: endedChildrenCpu() - cpuBefore }
}
