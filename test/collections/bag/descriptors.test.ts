/** Descriptors of bags and items: sent as data and revived. */
import { expect, test } from 'vitest'
import * as db from '../../../collections/bag/index.js'
import { decode, encode, prepare } from '../../../core/codec/index.js'
import { type Describable, describeCollection } from '../../../core/graph/collection-interface.js'
import { type CollectionDescriptor, reviveCollection } from '../../../core/graph/descriptor.js'
import { getSync } from '../../../core/run/get-sync.js'

const sync = { get: getSync }

/** Encodes and decodes the descriptor of a collection. */
async function sentDescriptor(collection: Describable): Promise<CollectionDescriptor> {
  const bytes = encode(collection[describeCollection]())
  await prepare(bytes.bundles)
  return decode(bytes) as CollectionDescriptor
}

test('a bag is revived from its descriptor, with all its methods', async () => {
  const bag = db
    .range(10, { npartitions: 3 })
    .map((x) => x * 2)
    .accumulate((a, b) => a + b)
  const revived = (await reviveCollection(await sentDescriptor(bag))) as typeof bag
  expect(revived).toBeInstanceOf(db.Bag)
  expect(revived.name).toBe(bag.name)
  expect(await revived.filter((x) => x > 20).compute(sync)).toEqual([30, 42, 56, 72, 90])
})

test('a lazy item is revived from its descriptor', async () => {
  const item = db.range(4).sum()
  const revived = await reviveCollection(await sentDescriptor(item))
  expect(revived).toBeInstanceOf(db.Item)
  expect(await (revived as typeof item).apply((x) => x + 1).compute(sync)).toBe(7)
})
