/** Checks of options at the call that got them. */

/** Fails unless options are an object that has no other names than these. */
export function assertOptions(options: unknown, what: string, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const given = options === null ? 'null' : Array.isArray(options) ? 'an array' : typeof options
    throw new TypeError(`${what}: options must be an object with ${names.join(', ')}; got ${given}`)
  }
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue
    throw new TypeError(`${what}: there is no option '${name}'; there are ${names.join(', ')}`)
  }
}
