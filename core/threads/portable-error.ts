import { type StoredValue, store } from '../stored-value.js'

/** What a task threw, as bytes; a thrown thing that cannot travel is replaced by an account of it. */
export function portableError(thrown: unknown): StoredValue {
  try {
    return store(thrown)
  } catch {
    return store(accountOf(thrown))
  }
}

/** What can be told of a thrown thing; reading it may fail in every way. */
function accountOf(thrown: unknown): Error {
  const told = new Error(
    readText(() => (thrown instanceof Error ? thrown.message : String(thrown))),
  )
  if (thrown instanceof Error) {
    told.name = readText(() => thrown.name)
    told.stack = readText(() => thrown.stack)
  }
  return told
}

function readText(read: () => unknown): string {
  try {
    return String(read())
  } catch {
    return 'something that cannot be shown'
  }
}
