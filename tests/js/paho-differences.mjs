// Where a program for Paho sees something else, and why. paho-differential.test.mjs runs each `program` on both and holds
// what happens against `does`, so that this list stays true. `node tests/js/paho-differences.mjs` prints the table of the
// README from it.

import { fileURLToPath } from 'node:url'
import { calls } from './paho-differences-calls.mjs'
import { connection } from './paho-differences-connection.mjs'
import { messages } from './paho-differences-messages.mjs'

/**
 * What one of the two does, in words and as the transcript of the program.
 * @typedef {{ says: string, does: string[] }} Behaviour
 *
 * @typedef {{ difference: string, paho: Behaviour, wasmqtt: Behaviour, why: string,
 *   program: (t: import('./paho-transcript.mjs').Transcript) => Promise<void> }} Difference
 */

/** @type {Difference[]} */
export const differences = [...calls, ...connection, ...messages]

/** The table of the README. */
export function table() {
  const rows = differences.map(({ difference, paho, wasmqtt, why }) => `| ${difference} | ${paho.says} | ${wasmqtt.says} | ${why} |`)
  return ['| | Paho 1.1.0 | wasmqtt | why |', '|---|---|---|---|', ...rows].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(table())
