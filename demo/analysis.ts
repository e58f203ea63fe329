/** The analyses. Each function builds a lazy collection and computes nothing. */
import type { da, db } from 'skein'
import type { Airport, Flight } from './flights.js'

type Numbers = da.Array<'float64'>

/** The delays of a group of flights. */
export interface Delays {
  flights: number
  /** Flights that were at least 15 minutes late. */
  late: number
  /** The sum of all delays; early arrivals are negative. */
  minutes: number
}

const none: Delays = { flights: 0, late: 0, minutes: 0 }

const add = (sum: Delays, flight: Flight): Delays => ({
  flights: sum.flights + 1,
  late: sum.late + (flight.delay >= 15 ? 1 : 0),
  minutes: sum.minutes + flight.delay,
})

const merge = (a: Delays, b: Delays): Delays => ({
  flights: a.flights + b.flights,
  late: a.late + b.late,
  minutes: a.minutes + b.minutes,
})

/** Makes a row of a table of delays. */
const summary = ({ flights, late, minutes }: Delays) => ({
  flights,
  'late %': Math.round((late / flights) * 1000) / 10,
  'mean delay': Math.round((minutes / flights) * 10) / 10,
})

/** Returns the delays by the scheduled hour of departure. */
export function delaysByHour(flights: db.Bag<Flight>) {
  return flights
    .foldby((flight) => flight.time.getUTCHours(), add, none, merge)
    .map(([hour, delays]) => ({ hour, ...summary(delays) }))
}

/** Returns the ten airports with the highest mean delay, of those with at least `least` flights. */
export function latestAirports(flights: db.Bag<Flight>, airports: db.Bag<Airport>, least: number) {
  return flights
    .foldby('origin', add, none, merge)
    .filter(([, delays]) => delays.flights >= least)
    .join(airports, ([origin]) => origin, 'code')
    .map(([airport, [, delays]]) => ({ ...airport, ...summary(delays) }))
    .topk(10, (row) => row['mean delay'])
}

/** Returns Pearson's correlation of two arrays of equal length. */
export function correlation(x: Numbers, y: Numbers) {
  const dx = x.sub(x.mean())
  const dy = y.sub(y.mean())
  return dx.mul(dy).mean().div(x.std().mul(y.std()))
}
