/** Makes records of lists of values. */

/** Returns a function that makes a record of the values of fields, always with the same hidden class. */
export function recordMaker(names: readonly string[]): (values: readonly unknown[]) => unknown {
  // In brackets, `__proto__` is a name as any other.
  const fields = names.map((name, i) => `[${JSON.stringify(name)}]: values[${i}]`)
  return new Function('values', `return { ${fields.join(', ')} }`) as never
}
