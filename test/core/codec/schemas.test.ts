/** Schemas of validators, which packages make of closures and of prototypes that they complete late. */
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { getSync, getThreads } from '../../../core/index.js'
import { db } from '../../../index.js'

const record = z
  .object({
    id: z.number().int().min(1),
    name: z.string().trim().optional(),
    tags: z.array(z.enum(['x', 'y'])),
    length: z.string().transform((text) => text.length),
    kind: z.union([z.literal(1), z.date()]).nullable(),
    even: z.number().refine((n) => n % 2 === 0, 'not even'),
  })
  .strict()
const point = v.object({ x: v.number(), y: v.pipe(v.string(), v.minLength(2)) })

const items = [
  { id: 1, name: ' a ', tags: ['x'], length: 'abc', kind: null, even: 2 },
  { id: 0, tags: ['z'], length: 'abc', kind: 1, even: 3 },
]

test.each([
  ['getSync', getSync],
  ['getThreads', getThreads],
] as const)('schemas that a function uses: %s', async (_, get) => {
  const bag = db.fromSequence(items, { npartitions: 2 })
  const results = await bag.map((item) => record.safeParse(item)).compute({ get })
  expect(results[0]!.data).toEqual({ ...items[0], name: 'a', length: 3 })
  expect(results[1]!.error!.issues.map(({ path }) => path.join('.'))).toEqual([
    'id',
    'tags.0',
    'even',
  ])
  const standard = await bag.map((item) => record['~standard'].validate(item)).compute({ get })
  expect('issues' in standard[1]!).toBe(true)
  const points = db.fromSequence([
    { x: 1, y: 'ab' },
    { x: 1, y: 'a' },
  ])
  expect(await points.map((item) => v.safeParse(point, item).success).compute({ get })).toEqual([
    true,
    false,
  ])
})

test('a class of which no schema was made on the thread', async () => {
  const email = z.email()
  const texts = db.fromSequence(['a@example.org', 'a'], { npartitions: 2 })
  const results = await texts
    .map((text) => email.safeParse(text).success)
    .compute({ get: getThreads })
  expect(results).toEqual([true, false])
})
