// A fresh Node process for one client and some works: takes its order from the arguments, sends the result to the
// process that started it.

import { perform } from '../perform.mjs'
import { place } from './place-node.mjs'

// Nobody waits for the result any more.
process.on('disconnect', () => process.exit())

const [client, names, given] = process.argv.slice(2)
const results = await perform(place(JSON.parse(given)), client, names.split(','))
process.send?.(results, () => process.exit())
