/**
 * Seeds that failed once, and why they did. They stay as tests as long as the simulation is what it
 * was: a change of what it does by chance gives them other stories, and they are then no more than
 * any seeds.
 */
export const knownSeeds: readonly (readonly [seed: number, why: string])[] = [
  [98, 'who waited for the value of a finished future was not told that it was released'],
  [156, 'a task that gave up behind another one on its thread went on waiting for that one'],
  [292, 'a task that gave up behind another one on its thread went on waiting for that one'],
  [351, 'a client took a run for done although values of it were lost with the former connection'],
  [990, 'a future whose call was refused was tried again, and nobody heard of it'],
  [5751, 'a run that two others read was counted as over twice, and not submitted again'],
  [
    6239,
    'a worker dropped a result that it had made, with a copy of it that went in the same moment',
  ],
]
