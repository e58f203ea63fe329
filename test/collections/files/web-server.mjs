/**
 * A web server of the files in a folder, with pages of links. The first part of the path says how it behaves:
 * `plain` has ranges, `whole` has none, `shaky` fails at every second request, `broken` ends connections in the middle.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'

const [, , folder] = process.argv
let count = 0
let bytesSent = 0

const server = createServer((request, response) => {
  const [, mode, ...rest] = decodeURIComponent(request.url).split('/')
  if (mode === 'bytes-sent') return response.end(String(bytesSent))
  count++
  if (mode === 'shaky' && count % 2 === 1) return response.writeHead(503).end('busy')
  const file = path.join(folder, ...rest)
  let found
  try {
    found = statSync(file)
  } catch {
    return response.writeHead(404).end()
  }
  if (found.isDirectory()) {
    const names = readdirSync(file, { withFileTypes: true }).map((entry) =>
      entry.isDirectory() ? `${entry.name}/` : entry.name,
    )
    const links = names.map(
      (name) => `<a href="${encodeURIComponent(name).replace('%2F', '/')}">${name}</a>`,
    )
    return response.end(`<a href="../">up</a> <a href="?sort=name">sort</a> ${links.join(' ')}`)
  }
  const bytes = readFileSync(file)
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')
  if (range !== null && (mode === 'plain' || mode === 'shaky')) {
    const [start, last] = [Number(range[1]), Number(range[2])]
    if (start >= bytes.length) {
      return response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end()
    }
    const part = bytes.subarray(start, last + 1)
    bytesSent += part.length
    const content = `bytes ${start}-${start + part.length - 1}/${bytes.length}`
    return response.writeHead(206, { 'content-range': content }).end(part)
  }
  bytesSent += bytes.length
  response.writeHead(200, { 'content-length': bytes.length })
  if (mode === 'broken' && count % 2 === 0 && bytes.length > 1) {
    response.write(bytes.subarray(0, bytes.length >> 1))
    return setTimeout(() => request.socket.destroy(), 20)
  }
  return response.end(bytes)
})
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
