/** The items of the bag rows, which every peer makes alike. */

/** The key of item `i`: integers below `keys`, in an order that looks random, by a product that fits into 31 bits. */
export const keyOf = (i: number, keys: number): number => (i * 1031) % keys

export const nameOf = (i: number, keys: number): string => `name-${(i * 1031) % keys}`

export interface Sale {
  readonly shop: string
  readonly amount: number
}

const pattern = /"GET \/item\/\d+[02468] HTTP[^"]*" 5\d\d /

/** Whether a line of a log is a failed request for an even item. */
export const isMatch = (line: string): boolean => pattern.test(line)
