/** Classes that are declared again with the same source, as by a cell of a notebook that runs twice. */
import { expect, test } from 'vitest'
import { getSync, getThreads } from '../../../../core/index.js'
import { db, delayed } from '../../../../index.js'

function declare() {
  class Point {
    x = 1
  }
  class Coin {
    readonly #cents = 5
    get cents(): number {
      return this.#cents
    }
  }
  return { Point, Coin }
}

test.each([
  ['getSync', getSync],
  ['getThreads', getThreads],
] as const)('results are instances of the class that was used last: %s', async (_, get) => {
  for (let i = 0; i < 3; i++) {
    const { Point, Coin } = declare()
    expect(await delayed(() => new Point())().compute({ get })).toBeInstanceOf(Point)
    const coin = await delayed(() => new Coin())().compute({ get })
    expect(coin).toBeInstanceOf(Coin)
    expect(coin.cents).toBe(5)
    const items = [new Point(), new Coin()]
    const [point, other] = await db.fromSequence<object>(items).compute({ get })
    expect(point).toBeInstanceOf(Point)
    expect(other).toBeInstanceOf(Coin)
    const isSame = delayed((value: object) => value instanceof Point)
    expect(await isSame(new Point()).compute({ get })).toBe(true)
  }
})
