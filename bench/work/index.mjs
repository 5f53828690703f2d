// All works, in the order of the table.

import handlers from './handlers.mjs'
import heap from './heap.mjs'
import large from './large.mjs'
import publish from './publish.mjs'
import receive from './receive.mjs'
import retained from './retained.mjs'
import roundTrip from './round-trip.mjs'
import start from './start.mjs'

/**
 * @typedef {object} Work
 * @property {string} name
 * @property {string} group what runs in one page or process
 * @property {string} title
 * @property {string} unit
 * @property {boolean} more is more better?
 * @property {boolean} [cold] it loads the client itself
 * @property {string} needs what a client may lack, or ''
 * @property {boolean} [single] the bare socket that sends a packet a frame takes part too
 * @property {boolean} [ours] it compares wasmqtt with itself: peers would only take their time
 * @property {'chromium'} [host] where alone it can be measured
 * @property {(bench: any) => Promise<{ value: number, messages: number, busy?: number }>} run busy: µs of the processor a message
 */

/** @type {Work[]} */
export const works = [...receive, ...publish, ...large, ...roundTrip, ...heap, ...handlers, ...start, ...retained]
/**
 * Takes a client part in a work? Where it lacks what is needed, that is a reason and not a silence.
 * @param {Work} work @param {import('../clients/index.mjs').BenchClient} client @param {'node' | 'chromium'} host
 * @returns {'yes' | 'no' | { reason: string }}
 */
export function takesPart(work, client, host) {
  if (work.host && work.host !== host) return 'no'
  if (work.ours && !client.limit && !client.name.startsWith('wasmqtt')) return 'no'
  if (client.only && !client.only.includes(work.group)) return 'no'
  if (client.name === 'bare-single' && !work.single) return 'no'
  return client.lacks[work.needs] ? { reason: client.lacks[work.needs] } : 'yes'
}

export const groups = [...new Set(works.map(({ group }) => group))]
