/**
 * What the simulated tasks do. A task's parameter is a text: a number for each task of the
 * world, what it adds, and what it does besides: `17 5`, `18 3 fail`.
 */

/** What a task does besides: fails always, or the first time; ends its worker, its thread; gives a large result. */
export type Deed = '' | 'fail' | 'once' | 'kill' | 'exit' | 'big'

/** What a text says that its task does. */
export function deedOf(text: string): Deed {
  return (text.split(' ')[2] ?? '') as Deed
}

/** A task's function: travels to the workers, and is what `getSync` runs. */
export function calculate(text: string, ...inputs: unknown[]): unknown {
  const [, own, deed] = text.split(' ')
  if (deed === 'fail') throw new Error(`bad luck of ${text}`)
  let sum = Number(own)
  inputs.forEach((input, i) => {
    const value = input instanceof Float64Array ? input[0]! : (input as number)
    sum += (i + 2) * value
  })
  sum %= 1_000_003
  return deed === 'big' ? new Float64Array(2500).fill(sum) : sum
}
