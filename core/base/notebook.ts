/**
 * Notebooks of tslab. Its kernel evaluates cells without a file name, and answers an interrupt, which is a SIGINT,
 * by no longer waiting for the cell; what the cell has started goes on.
 */
import { setMaxListeners } from 'node:events'

/** Whether a notebook's kernel runs in this thread. */
function isNotebook(): boolean {
  return Object.hasOwn(globalThis, '__tslab__')
}

/** Returns a location as users know it: `cell:3:8` for one in a cell of a notebook. */
export function nameCell(location: string): string {
  return isNotebook() ? location.replace(/^evalmachine\.<anonymous>(?=:)/, 'cell') : location
}

/** Aborted at the next interrupt; undefined before the first computation in a notebook. */
let interrupt: AbortController | undefined

/**
 * Returns a signal that is aborted with the given one and when the user interrupts the notebook. Outside of notebooks,
 * returns the given signal.
 */
export function withInterrupts(signal: AbortSignal | undefined): AbortSignal | undefined {
  if (!isNotebook()) return signal
  if (interrupt === undefined) {
    process.on('SIGINT', () => {
      interrupt?.abort(new Error('The notebook was interrupted'))
      interrupt = newController()
    })
    interrupt = newController()
  }
  return signal === undefined ? interrupt.signal : AbortSignal.any([interrupt.signal, signal])
}

function newController(): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}
