/**
 * `node second-client.mjs ADDRESS NAME` computes the named collection on the cluster and prints it as JSON.
 */
import { Client } from 'skein'

const [address, name] = process.argv.slice(2)
const client = await Client.connect(address)
const collection = await client.getCollection(name)
console.log(JSON.stringify(await collection.compute({ get: client.get })))
await client.close()
