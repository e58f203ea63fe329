/**
 * The simulated tasks. A task's parameter is a string: its number in the world, the number it adds, and
 * how it behaves: `17 5`, `18 3 fail`.
 */

/** How a task behaves: fails always or the first time, kills its worker or its thread, has a large result. */
export type TaskBehavior = '' | 'fail' | 'once' | 'kill' | 'exit' | 'big'

/** Returns how the task with a parameter behaves. */
export function behaviorOf(text: string): TaskBehavior {
  return (text.split(' ')[2] ?? '') as TaskBehavior
}

/** The function of all tasks, on workers and in `getSync`. */
export function calculate(text: string, ...inputs: unknown[]): unknown {
  const [, own, behavior] = text.split(' ')
  if (behavior === 'fail') throw new Error(`bad luck of ${text}`)
  let sum = Number(own)
  inputs.forEach((input, i) => {
    const value = input instanceof Float64Array ? input[0]! : (input as number)
    sum += (i + 2) * value
  })
  sum %= 1_000_003
  return behavior === 'big' ? new Float64Array(2500).fill(sum) : sum
}
