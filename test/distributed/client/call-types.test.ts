/** Type errors of calls on a cluster point at the argument that is wrong, not at the function. */
import type { Client } from 'skein'
import { expect, test } from 'vitest'

const double = (x: number): number => 2 * x
const repeat = (text: string, n: number): string => text.repeat(n)

test('wrong arguments are type errors at the argument', () => {
  // Only the compiler reads this.
  const types = (client: Client) => {
    client.map(
      double,
      // @ts-expect-error items are numbers
      ['a'],
    )
    client.map(
      (x: number) => x,
      // @ts-expect-error items of a Set too
      new Set(['a']),
    )
    client.map(
      repeat,
      ['a'],
      // @ts-expect-error the second list is of numbers
      ['b'],
    )
    client.map(
      double,
      // @ts-expect-error a list, not one item
      1,
    )
    client.map(
      double,
      // @ts-expect-error futures of strings
      client.map(String, [1]),
    )
    client.map(double, [1], {
      // @ts-expect-error a number
      retries: 'twice',
    })
    client.submit(
      double,
      // @ts-expect-error a number
      'a',
    )
    client.submit(
      repeat,
      'a',
      // @ts-expect-error a number, or a future of one
      client.submit(String, 1),
    )
    client.submitWith(
      { retries: 2 },
      repeat,
      'a',
      // @ts-expect-error a number
      'b',
    )
    return [
      client.map((x) => x + 1, [1, 2]),
      client.map(async (x: number) => x, client.map(double, [1])),
      client.map((x: { list: number[] }) => x, [{ list: [client.submit(double, 1)] }]),
      client.map(Math.max, [1], [2], { retries: 1 }),
      client.map('2 * x', [1]),
      client.submit('x + y', 1, 2),
    ]
  }
  expect(types).toBeTypeOf('function')
})
