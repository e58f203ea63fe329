/** Records of various shapes, generated from a fixed seed, for the benchmarks of the codec. */
import { random } from './data.js'

type Make = (n: number) => unknown[]

const cities = ['Oslo', 'Paris', 'Rome', 'Wien', 'Bern', 'Prag', 'Lyon', 'Graz']
const letters = 'abcdefghijklmnopqrstuvwxyz'

/** Makes records of one shape from random numbers. */
function recordsOf(record: (next: () => number, i: number) => unknown): Make {
  return (n) => {
    const next = random(3)
    return Array.from({ length: n }, (_, i) => record(next, i))
  }
}

function word(next: () => number, length = 4 + Math.floor(next() * 8)): string {
  let text = ''
  for (let i = 0; i < length; i++) text += letters[Math.floor(next() * 26)]
  return text
}

const int = (next: () => number, below: number) => Math.floor(next() * below)
const city = (next: () => number) => cities[int(next, cities.length)]

/** The shapes, by name. */
export const shapes: Readonly<Record<string, Make>> = {
  'flat, unique id': recordsOf((next, i) => ({
    id: i,
    name: word(next),
    amount: next() * 1000,
    city: city(next),
    known: next() < 0.5,
  })),
  'flat, no unique field': recordsOf((next) => ({
    name: word(next, 3),
    amount: int(next, 1000),
    city: city(next),
    known: next() < 0.5,
  })),
  'flat, 50 different rows': recordsOf((next) => {
    const kind = int(next, 50)
    return { shop: `shop-${kind}`, amount: kind * 3, city: cities[kind % 8], rate: kind / 4 }
  }),
  'two small integers': recordsOf((next) => ({ x: int(next, 100), y: int(next, 100) })),
  'nested once, with tags': recordsOf((next, i) => ({
    id: i,
    customer: { name: `customer ${int(next, 1e6)}`, known: next() < 0.5 },
    tags: ['a', 'b', 'c'].slice(int(next, 3)),
  })),
  'nested once': recordsOf((next, i) => ({
    id: i,
    at: { x: next(), y: next() },
    owner: { name: word(next), age: int(next, 90) },
  })),
  'nested twice, no unique field': recordsOf((next) => ({
    shop: city(next),
    customer: {
      name: word(next, 3),
      address: { street: word(next), number: int(next, 200) },
    },
  })),
  'lists of numbers': recordsOf((next, i) => ({
    id: i,
    values: Array.from({ length: int(next, 6) }, () => next()),
    counts: Array.from({ length: 4 }, () => int(next, 100)),
  })),
  'lists of strings': recordsOf((next) => ({
    title: word(next),
    words: Array.from({ length: int(next, 6) }, () => word(next)),
  })),
  'lists of records': recordsOf((next, i) => ({
    order: i,
    lines: Array.from({ length: 1 + int(next, 3) }, () => ({
      item: word(next),
      count: int(next, 9),
    })),
  })),
  'optional keys': recordsOf((next, i) => ({
    id: i,
    ...(next() < 0.5 ? { name: word(next) } : {}),
    ...(next() < 0.5 ? { amount: next() } : {}),
    ...(next() < 0.2 ? { note: word(next) } : {}),
  })),
  'dates, nulls, mixed': recordsOf((next, i) => ({
    at: new Date(1.7e12 + i * 1000),
    seen: next() < 0.3 ? null : new Date(1.7e12 + int(next, 1e9)),
    score: next() < 0.3 ? null : next(),
    ok: next() < 0.5,
    any: next() < 0.5 ? int(next, 1000) : word(next),
  })),
  'long strings': recordsOf((next, i) => ({ id: i, text: word(next, 100 + int(next, 200)) })),
  'strings beyond ASCII': recordsOf((next, i) => ({
    id: i,
    name: `${word(next)}é${word(next, 3)}`,
    title: `日本${int(next, 1e6)}`,
  })),
  'wide, 20 numbers': recordsOf((next) =>
    Object.fromEntries(Array.from({ length: 20 }, (_, k) => [`field${k}`, int(next, 1e6)])),
  ),
  'lists of two': recordsOf((next) => [word(next), int(next, 1000)]),
  strings: recordsOf((next) => word(next)),
}

/** Small values, as in messages and tasks' arguments. */
export const smallValues: Readonly<Record<string, unknown>> = {
  'a number': 1234.5,
  'a string': 'partition-17',
  'an object': { id: 17, name: 'Ada Lovelace', known: true },
  'a nested object': { id: 17, customer: { name: 'Ada', known: true }, tags: ['a', 'b'] },
}
