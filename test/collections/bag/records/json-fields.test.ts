/** Reading some fields of lines of JSON, against `JSON.parse` of whole lines. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { random } from '../../../../bench/data.js'
import { fieldsUsed } from '../../../../collections/bag/engine/fields-used.js'
import { emptyChain } from '../../../../collections/bag/engine/operation-chain.js'
import type { Bag } from '../../../../collections/bag/index.js'
import { JsonFieldScanner } from '../../../../collections/bag/records/json-fields.js'
import { JsonSource } from '../../../../collections/bag/records/json-source.js'
import { expressionFunction } from '../../../../core/expressions/expression.js'
import { db, getSync, getThreads } from '../../../../index.js'

const folder = mkdtempSync(path.join(tmpdir(), 'json-fields-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Sale {
  user: string
  amount: number
}

const lines = [
  '{"user":"ann","amount":600}',
  ' { "amount" : 700 , "user" : "bob" , "tags" : [ 1 , [] , {} , { "amount" : 9 } ] } ',
  '{"user":"ann","amount":1,"amount":800}',
  '{"us\\u0065r":"eve","amount":900}',
  '{"user":"\\u00e9\\n\\"x\\"","amount":5.5e2}',
  '{"user":"żółw","amount":123456789012345678901234567890}',
  '{"user":"a string of more than twenty-four characters","amount":1234567890.125}',
  '{"user":"ann","amount":-0}',
  '{"user":"ann","amount":-12.75,"more":{"amount":1e9,"b":["x\\\\",null,true,false,-1.5E-3]}}',
  '{"user":"bob","amount":true}',
  '{"user":["a",{"b":1}],"amount":501}',
  '{"user":{"b":1,"a":2},"amount":502}',
  '{"user":null,"amount":503}',
  '',
  ' \t\r',
  '{"user":"last","amount":0.1}\r',
]
const crooked = [
  '{"user":"ann","amount":600',
  '{"user":"ann","amount":0600}',
  '{"user":"ann","amount":600,}',
  '{"user":"ann" "amount":600}',
  '{"user":"ann","amount":600}}',
  '{"user":"ann","amount":600} 1',
  '{"user":"ann","amount":600,"x":"\u0001"}',
  '{"user":"ann","amount":600,"x":"\\x"}',
  '{"user":"ann","amount":600,"x":"\\u12g4"}',
  '{"user":"ann","amount":600,"x":"open}',
  '{"user":"ann","amount":600,"x":.5}',
  '{"user":"ann","amount":600,"x":1.}',
  '{"user":"ann","amount":600,"x":1e}',
  '{"user":"ann","amount":600,"x":-}',
  '{"user":"ann","amount":600,"x":nul}',
  '{"user":"ann","amount":600,"x":[1,]}',
  '{"user":"ann","amount":600,"x":[1}',
  '{"user":"ann","amount":600,x:1}',
  '{"user":"ann","amount":600,"x"}',
  "{'user':'ann','amount':600}",
  '{"user":"ann","amount":NaN}',
  '{"user":"ann"}',
  '{"amount":700}',
  '{}',
  '[{"user":"ann"}]',
  '5',
  'null',
  '"user"',
  '{"user":"ann","amount":"many"}',
]

/** Chains that use some fields, and what they give for the items of a bag. */
const chains: Record<string, (bag: Bag<Sale>) => { compute(o: object): Promise<unknown> }> = {
  foldby: (bag) => bag.filter('amount > 500').foldby('user', 'x + amount', 0, 'x + y'),
  ordered: (bag) => bag.filter('amount > 500').foldby('user', 'x + amount', 0),
  functions: (bag) => bag.filter((r) => r.amount > 500).map(({ user, amount }) => [user, amount]),
  frequencies: (bag) => bag.pluck('user').frequencies(),
  fallback: (bag) => bag.pluck('amount', null),
  constant: (bag) => bag.map('amount * pi'),
  coalesce: (bag) => bag.map('amount ?? 1'),
  item: (bag) => bag.remove('amount < 2').map('x'),
  count: (bag) => bag.filter('amount > 500').count(),
  fold: (bag) => bag.fold('x + amount', 0),
  object: (bag) => bag.map((r) => ({ u: r.user })),
  nested: (bag) => bag.pluck('user').map((u) => typeof u),
}

async function outcome(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return await run()
  } catch (error) {
    const { message } = error as Error
    return message.replace(/Task '\S+'|\(added at \S+\)/g, '')
  }
}

test('chains give the same for some fields as for whole items', async () => {
  const file = path.join(folder, 'good.jsonl')
  writeFileSync(file, lines.join('\n'))
  const whole = lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as Sale)
  for (const [name, chain] of Object.entries(chains)) {
    const wanted = await chain(db.fromSequence(whole)).compute({ get: getSync })
    const read = db.readJson<Sale>(file, { lines: true })
    expect([name, await chain(read).compute({ get: getSync })]).toEqual([name, wanted])
    if (name === 'foldby' || name === 'ordered') {
      const blocks = db.readJson<Sale>(file, { lines: true, blocksize: 200 })
      expect(await chain(blocks).compute({ get: getThreads })).toEqual(wanted)
    }
  }
})

test('errors and rejects are those of whole items', async () => {
  const file = path.join(folder, 'crooked.jsonl')
  for (const line of crooked) {
    writeFileSync(file, [lines[0], line, lines[1]].join('\n'))
    for (const onError of ['raise', 'skip'] as const) {
      // A function that takes the whole item in the way.
      const whole = db.readJson<Sale>(file, { lines: true, onError }).map((r) => [r][0]!)
      const read = db.readJson<Sale>(file, { lines: true, onError })
      for (const name of ['foldby', 'ordered', 'functions', 'frequencies', 'item']) {
        const chain = chains[name]!
        const wanted = await outcome(() => chain(whole).compute({ get: getSync }))
        const found = await outcome(() => chain(read).compute({ get: getSync }))
        expect([line, onError, name, found]).toEqual([line, onError, name, wanted])
      }
    }
  }
}, 20_000)

test('an error about a field that is missing in a group shows the other fields', async () => {
  const file = path.join(folder, 'missing.jsonl')
  writeFileSync(file, '{"user":"ann","amount":1,"tag":"a"}\n{"user":"ann","tag":"b"}\n')
  const read = db.readJson<Sale>(file, { lines: true, blocksize: 30 })
  expect(read.npartitions).toBeGreaterThan(1)
  const sums = read.foldby('user', 'x + amount', 0)
  await expect(sums.compute({ get: getSync })).rejects.toThrow('the fields are: user, tag')
})

test('the scanner accepts nothing that JSON.parse refuses, and reads the same values', () => {
  const next = random(5)
  const scanner = new JsonFieldScanner(['user', 'amount'])
  const seeds = [...lines, ...crooked].filter((line) => line.startsWith('{'))
  const letters = '{}[]",:\\0123456789.eE+-truefalsnu \t"user""amount"é\u0000'
  let accepted = 0
  for (let i = 0; i < 15_000; i++) {
    let line = seeds[Math.floor(next() * seeds.length)]!
    for (let edits = Math.floor(next() * 3); edits > 0; edits--) {
      const at = Math.floor(next() * line.length)
      const letter = letters[Math.floor(next() * letters.length)]!
      line =
        line.slice(0, at) + (next() < 0.5 ? letter : '') + line.slice(at + Math.floor(next() * 2))
    }
    const bytes = Buffer.from(line)
    scanner.begin(bytes)
    const end = scanner.line(0)
    if (end < 0) continue
    accepted++
    expect([line, end]).toEqual([line, bytes.length])
    const { user, amount } = JSON.parse(line) as Sale
    expect([line, ...scanner.values]).toStrictEqual([line, user, amount])
  }
  expect(accepted).toBeGreaterThan(4_000)
})

test('bytes that are not valid are errors, or replaced', async () => {
  const file = path.join(folder, 'bytes.jsonl')
  writeFileSync(
    file,
    Buffer.from('{"user":"\xff","amount":1}\n{"user":"b","amount":2}\n', 'latin1'),
  )
  const users = (options: object) => () =>
    db
      .readJson<Sale>(file, { lines: true, ...options })
      .pluck('user')
      .compute({ get: getSync })
  expect(await outcome(users({}))).toContain('byte 9 (0xff')
  expect(await users({ errors: 'replace' })()).toEqual(['\ufffd', 'b'])
  expect(await users({ encoding: 'latin1' })()).toEqual(['ÿ', 'b'])
  writeFileSync(file, '\ufeff{"user":"ann","amount":1}\n{"user":"b","amount":2}')
  expect(await users({})()).toEqual(['ann', 'b'])
  writeFileSync(file, '\ufeff{"user":"ann","amount":1}\n{"user":"b","amount":2}', 'utf16le')
  expect(await users({})()).toEqual(['ann', 'b'])
})

test('a source of lines reads the fields alone that a chain uses', () => {
  const file = path.join(folder, 'fields.jsonl')
  writeFileSync(file, '{"a":1,"b":"x","c":3}\n{"b":"y"}\n[1]\n')
  const format = {
    encoding: 'utf8',
    errors: 'strict',
    keepLineEnds: false,
    includePath: false,
  } as const
  const source = new JsonSource(
    [{ path: file, start: 0 }],
    { ...format, lines: true, onError: 'raise', yields: 'records' },
    undefined,
  )
  const filter = { kind: 'filter', fn: expressionFunction('b == "x"', 'filter') } as const
  const chain = emptyChain.append(filter).append({ kind: 'map', fn: ({ a }: { a: number }) => a })
  const fields = fieldsUsed(chain)!
  expect([...fields]).toEqual([
    ['b', false],
    ['a', false],
  ])
  expect([...source.withFields(fields)!.batches()].flat()).toEqual([
    { b: 'x', a: 1 },
    { b: 'y', a: undefined },
    [1],
  ])
  expect(fieldsUsed(emptyChain.append(filter).append({ kind: 'collect' }))).toBeUndefined()
  const keyed = emptyChain.append({ kind: 'keyPluck', detail: '"b"' })
  const fold = expressionFunction('x + a', 'foldby')
  expect([...fieldsUsed(keyed.append({ kind: 'addKeyed', fn: fold }))!]).toEqual([
    ['b', true],
    ['a', true],
  ])
  const kept = (list: unknown[], item: unknown): unknown[] => [...list, item]
  expect(fieldsUsed(keyed.append({ kind: 'addKeyed', fn: kept }))).toBeUndefined()
  expect(fieldsUsed(keyed.append({ kind: 'addKeyed' }))).toBeUndefined()
})
