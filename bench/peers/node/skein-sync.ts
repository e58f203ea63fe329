/** Skein in the caller's thread. */
import { getSync } from 'skein'
import { taskRows } from './skein-tasks.js'

export const open = async () => ({ rows: taskRows(getSync as never) })
