// The first character of a nickname on its colour. `seed` tells people of one name apart.

const { colourOf, initialOf } = require('../../lib/look')

Component({
  properties: {
    name: { type: String, value: '' },
    seed: { type: String, value: '' },
    size: { type: Number, value: 40 },
    faint: { type: Boolean, value: false },
  },
  data: { initial: '', colour: '#b2b2b2', letter: 18 },
  observers: {
    'name, seed, size'(name, seed, size) {
      this.setData({ initial: initialOf(name), colour: colourOf(seed || name), letter: Math.round(size * 0.45) })
    },
  },
})
