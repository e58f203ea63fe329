/** Results of former runs that a submission reads, each once. */
import { columnOf } from '../../../core/base/short-columns.js'
import type { RemoteValue } from '../../../core/graph/remote-value.js'
import type { Externals } from '../../protocol/index.js'

export class ExternalColumns {
  private readonly runs = new Map<string, number>()
  private readonly runOf: number[] = []
  private readonly targets: number[] = []
  private readonly numbers = new Map<string, number>()

  /** Adds a result unless it is there already; returns the negative number that refers to it. */
  add({ run, place }: RemoteValue): number {
    const name = `${run} ${place}`
    let number = this.numbers.get(name)
    if (number === undefined) {
      let runNumber = this.runs.get(run)
      if (runNumber === undefined) this.runs.set(run, (runNumber = this.runs.size))
      this.targets.push(place)
      number = -this.runOf.push(runNumber)
      this.numbers.set(name, number)
    }
    return number
  }

  columns(): Externals {
    return {
      runs: [...this.runs.keys()],
      runOf: columnOf(this.runOf),
      targets: columnOf(this.targets),
    }
  }
}
