// The client against aedes, through the stream that joins and through the naive one, which sends a packet as several
// messages of as little as one byte: torture for a decoder, free of charge.

import { startAedes } from './brokers.mjs'
import { runScenarios } from './place.mjs'
import { scenarios } from './scenarios.mjs'

for (const kind of /** @type {const} */ (['joining', 'naive'])) {
  runScenarios(`aedes, ${kind} stream`, () => startAedes(kind), scenarios)
}
