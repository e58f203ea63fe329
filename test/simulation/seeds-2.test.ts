import './mocks.js'
import { test } from 'vitest'
import { playAll, seedGroups } from './seeds.js'

test.each(seedGroups(1, 2))(
  'whatever goes wrong, every answer is right and nothing is left: seeds %i to %i',
  playAll,
)
