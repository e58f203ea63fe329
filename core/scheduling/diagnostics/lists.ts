/** Lists in sentences. */

/** How many names a list shows. */
export const mostListed = 3

/** Returns `a, b and c`; of a long list the first names and how many more there are. */
export function listOf(names: readonly string[], last = 'and'): string {
  const shown = names.slice(0, mostListed)
  const more = names.length - shown.length
  if (more > 0) shown.push(`${more.toLocaleString('en-US')} more`)
  return shown.length < 2
    ? shown.join()
    : `${shown.slice(0, -1).join(', ')} ${last} ${shown.at(-1)}`
}

/** Returns `2 GPU and 1 disk`. */
export function amountsOf(resources: Readonly<Record<string, number>>): string {
  return listOf(Object.entries(resources).map(([name, amount]) => `${amount} ${name}`))
}
