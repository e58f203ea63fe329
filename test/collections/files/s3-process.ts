/** The S3 server of the tests of Zarr, as a process, with pages of 1,000 keys and 10,000 small objects. */
import { startS3Server } from '../array/io/s3-server.js'

const server = await startS3Server(1000)
for (let i = 0; i < 10_000; i++) server.objects.set(`many/file${i}.txt`, Buffer.from(`${i}\n`))
console.log(server.endpoint)
