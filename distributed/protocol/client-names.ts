/** The names of clients. They are public: others refer to the results of a client's runs by them. */
import { createHash } from 'node:crypto'

/** Returns the name of the client with this secret. Only who knows the secret can use the name. */
export function clientNameOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex').slice(0, 32)
}
