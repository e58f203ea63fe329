export { cull } from './cull.js'
export { fuse } from './fuse.js'
export { fuseLayers } from './fuse-layers.js'
export { inline } from './inline.js'
