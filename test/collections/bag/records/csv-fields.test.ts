/** Reading some columns of CSV, against whole records. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { random } from '../../../../bench/data.js'
import type { Bag } from '../../../../collections/bag/index.js'
import { db, getSync } from '../../../../index.js'

const folder = mkdtempSync(path.join(tmpdir(), 'csv-fields-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Row {
  user: string
  amount: number | null
  flag: boolean | null
  note: string
}
const types = { user: 'string', amount: 'number', flag: 'boolean', note: 'string' } as const

const chains: Record<string, (bag: Bag<Row>) => { compute(o: object): Promise<unknown> }> = {
  foldby: (bag) => bag.filter('amount > 5').foldby('user', 'x + amount', 0, 'x + y'),
  function: (bag) => bag.map(({ amount, flag }) => [amount, flag]),
  plucked: (bag) => bag.pluck('note'),
  ordered: (bag) => bag.filter('amount > 5').foldby('user', 'x + amount', 0),
  count: (bag) => bag.count(),
  missing: (bag) => bag.pluck('nothing' as 'user', null as never),
  item: (bag) => bag.map('x'),
}

async function outcome(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return await run()
  } catch (error) {
    return (error as Error).message.replace(/Task '\S+'|\(added at \S+\)/g, '')
  }
}

async function compare(text: string, options: object, names = Object.keys(chains)): Promise<void> {
  const file = path.join(folder, 'rows.csv')
  writeFileSync(file, text)
  for (const onError of ['raise', 'skip'] as const) {
    const read = db.readCsv<Row>(file, { types, onError, ...options })
    // A function that takes the whole item in the way.
    const whole = read.map((row) => [row][0]!)
    for (const name of names) {
      const chain = chains[name]!
      const wanted = await outcome(() => chain(whole).compute({ get: getSync }))
      const found = await outcome(() => chain(read).compute({ get: getSync }))
      expect([text.slice(0, 300), onError, name, found]).toEqual([
        text.slice(0, 300),
        onError,
        name,
        wanted,
      ])
    }
  }
}

const header = 'user,amount,flag,note\n'

test('some columns of crooked records are those of whole records', async () => {
  const rows = [
    'ann,6,true,x',
    'bob,-0,false,',
    'eve,,,y\r',
    'ann,12.50,TRUE,"a ""note"""',
    '"a,b",7.,false,"two\nlines"',
    'żółw,1e3,true,é',
    'x,.5,true,a"b',
    ' y , 8 , true , z ',
    'n,nan,true,z',
    'long,123456789012345678,true,a note of more than twenty-four characters',
    '',
  ]
  await compare(header + rows.join('\n'), {})
  await compare(header + rows.filter((row) => !row.includes('ż')).join('\r\n'), {})
  for (const row of [
    'a,b,c',
    'a,1,true,x,y',
    'a,many,true,x',
    'a,1,perhaps,x',
    'a,-,true,x',
    'a,1.2.3,true,x',
    '"open,1,true,x',
  ]) {
    await compare(`${header}ann,6,true,x\n${row}\nbob,9,true,x\n`, {})
  }
  await compare('user;amount;flag;note\nann;6;true;"x"\n', { delimiter: ';', quote: null })
}, 20_000)

test('some columns of ranges of a large file are those of whole records', async () => {
  const next = random(11)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!
  const rows = Array.from({ length: 8_000 }, (_, i) => {
    const note = pick([
      'plain',
      '',
      '"quoted, ""note"""',
      i % 3000 === 1 ? '"é\n"' : 'other',
      '"line\nend"',
    ])
    return `user ${Math.floor(next() * 50)},${pick(['', '1', '-2.25', '3000', '4e1'])},${pick(['true', 'false', ''])},${note}`
  })
  const text = `${header}${rows.join('\n')}\n`
  await compare(text, {}, ['foldby', 'plucked'])
  await compare(text, { blocksize: 70_001 }, ['foldby', 'ordered'])
}, 20_000)
