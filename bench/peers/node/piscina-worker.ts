/** The function that piscina's threads run. */
export default (x: number): number => x + 1
