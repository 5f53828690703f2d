// From `import` to CONNACK, in a page or process that has seen nothing of the client yet.

export default [
  {
    name: 'start',
    group: 'start',
    title: 'start: import to CONNACK, cold',
    unit: 'ms',
    more: false,
    /** The module is not loaded before. */
    cold: true,
    needs: '',
    async run(bench) {
      const { place, client, tally } = bench
      const started = performance.now()
      const module = await client.load(place)
      const given = { url: `${place.ws}/mqtt`, clientId: `start${place.id}`, tally, failed: bench.failed }
      const connection = await bench.within(client.connect(module, given))
      const value = performance.now() - started
      await connection.close()
      return { value, messages: 1 }
    },
  },
]
