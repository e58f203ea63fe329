/**
 * Seeds that failed once, with the cause. A change of the simulation's random choices gives them other
 * stories; they are then tests like any other seed.
 */
export const knownSeeds: readonly (readonly [seed: number, why: string])[] = [
  [
    98,
    'a client that waited for the value of a finished future got no answer when it was released',
  ],
  [
    156,
    'a task that was returned while behind another one on its thread went on waiting for that one',
  ],
  [
    292,
    'a task that was returned while behind another one on its thread went on waiting for that one',
  ],
  [
    351,
    'a client considered a run done although values of it were lost with the previous connection',
  ],
  [990, 'a future whose call was refused was retried, and the client got no answer'],
  [
    5751,
    'the end of a run that two others read was counted twice, and the run was not submitted again',
  ],
  [
    6239,
    'a worker freed its own result together with a copy of it that was freed at the same time',
  ],
]
