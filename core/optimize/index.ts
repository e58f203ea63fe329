export { cull } from './cull.js'
export { fuse } from './fuse.js'
export { inline } from './inline.js'
export { fuseLayers } from './layers.js'
