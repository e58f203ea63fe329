/** What has to be done before compiled scripts may import. */

let allowed = false

/** Node warns once that the loader it offers to compiled scripts is new; users need not see that. */
export function allowDynamicImport(): void {
  if (allowed) return
  allowed = true
  const emit = process.emitWarning
  process.emitWarning = function (this: unknown, ...args: unknown[]) {
    if (String(args[0]).includes('USE_MAIN_CONTEXT_DEFAULT_LOADER')) process.emitWarning = emit
    else Reflect.apply(emit, process, args)
  } as typeof process.emitWarning
}
