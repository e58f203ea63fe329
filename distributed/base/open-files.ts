/** How many files the processes of a cluster open, roughly. */

/** A scheduler, with a few clients and workers. */
export const filesOfScheduler = 32
/** A worker without its threads, with a few peers. */
export const filesOfWorker = 32
/** What a process opens for each process that it starts. */
export const filesOfChild = 4
/** A command, while it loads its modules. */
export const filesOfCommand = 72
