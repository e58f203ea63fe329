/**
 * Child processes end when their parent does, however it ends and whatever the child is doing then.
 *
 * The channel to the parent closes when the parent ends. The event may come before there is a listener,
 * so the state of the channel is checked as well. A process that inherited the parent's end of the
 * channel would keep it open, so the parent's process ID is checked too.
 */

/** Milliseconds between two checks of the parent's process ID. */
const checkInterval = 1000

/** Calls `onGone` once, as soon as the process that started this one has ended; at once if it has already. */
export function watchParent(parent: number, onGone: () => void): void {
  let timer: NodeJS.Timeout | undefined
  const gone = (): void => {
    if (timer === undefined) return
    clearInterval(timer)
    timer = undefined
    onGone()
  }
  const check = (): void => {
    // On Windows a process keeps the ID of a parent that has ended.
    const isOrphan = process.platform !== 'win32' && process.ppid !== parent
    if (!process.connected || isOrphan) gone()
  }
  timer = setInterval(check, checkInterval)
  // The listener keeps the channel open for events; neither of the two keeps a finished process alive.
  timer.unref()
  process.on('disconnect', gone)
  check()
}
