import { type StoredValue, store } from '../stored-value.js'

/** What a task threw, as bytes; a thrown thing that cannot travel is replaced by an account of it. */
export function portableError(thrown: unknown): StoredValue {
  try {
    return store(thrown)
  } catch {
    const told = new Error(thrown instanceof Error ? thrown.message : describe(thrown))
    if (thrown instanceof Error) {
      told.name = thrown.name
      if (thrown.stack !== undefined) told.stack = thrown.stack
    }
    return store(told)
  }
}

function describe(thrown: unknown): string {
  try {
    return String(thrown)
  } catch {
    return `a ${typeof thrown} that cannot be shown`
  }
}
