/** Prepares compiled scripts for the use of `import()`. */

let allowed = false

/**
 * Suppresses the warning that Node prints once when a compiled script imports through its default
 * loader.
 */
export function allowDynamicImport(): void {
  if (allowed) return
  allowed = true
  const emit = process.emitWarning
  process.emitWarning = function (this: unknown, ...args: unknown[]) {
    if (String(args[0]).includes('USE_MAIN_CONTEXT_DEFAULT_LOADER')) process.emitWarning = emit
    else Reflect.apply(emit, process, args)
  } as typeof process.emitWarning
}
