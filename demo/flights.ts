/** Reads three million US flights of 2001 from the npm package vega-datasets. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { tableFromIPC } from 'apache-arrow'
import { readParquet } from 'parquet-wasm'

/** A flight: delay in minutes, distance in miles, local time of departure. */
export interface Flight {
  time: Date
  delay: number
  distance: number
  origin: string
  destination: string
}

/** An airport: its three-letter code, name and state. */
export interface Airport {
  code: string
  name: string
  state: string
}

/** Returns the path of a file of the data package. */
export function dataFile(name: string): string {
  return fileURLToPath(new URL(`../data/${name}`, import.meta.resolve('vega-datasets')))
}

/** The file of flights, and the number of its row groups. */
export const flightsFile = dataFile('flights-3m.parquet')
export const rowGroups = 11

/** Yields the flights of one row group. */
export function* readFlights(file: string, rowGroup: number): Generator<Flight> {
  const table = readTable(file, { rowGroups: [rowGroup], batchSize: 1_000_000 })
  const date = table.getChild('date')!.toArray() as BigInt64Array
  const delay = table.getChild('delay')!.toArray() as BigInt64Array
  const distance = table.getChild('distance')!.toArray() as BigInt64Array
  const origin = table.getChild('origin')!
  const destination = table.getChild('destination')!
  for (let i = 0; i < table.numRows; i++) {
    yield {
      time: new Date(Number(date[i]) / 1000),
      delay: Number(delay[i]),
      distance: Number(distance[i]),
      origin: origin.get(i),
      destination: destination.get(i),
    }
  }
}

/** Reads one numeric column of all flights. */
export function readColumn(file: string, column: 'delay' | 'distance'): Float64Array {
  const table = readTable(file, { columns: [column], batchSize: 4_000_000 })
  return Float64Array.from(table.getChild(column)!.toArray() as BigInt64Array, Number)
}

function readTable(file: string, options: Parameters<typeof readParquet>[1]) {
  return tableFromIPC(readParquet(readFileSync(file), options).intoIPCStream())
}

/** Parses a line `iata,name,city,state,country,latitude,longitude`. */
export function parseAirport(line: string): Airport {
  const [code = '', name = '', , state = ''] = line.split(',')
  return { code, name, state }
}
