import './mocks.js'
import { test } from 'vitest'
import { playAll, seedGroups } from './seeds.js'

test.each(seedGroups(0, 2))(
  'whatever goes wrong, every answer is right and nothing is left: seeds %i to %i',
  playAll,
)
