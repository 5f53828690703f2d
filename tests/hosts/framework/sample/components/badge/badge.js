Component({
  properties: { count: { type: Number, value: 0 }, label: String },
  methods: {
    press() {
      this.triggerEvent('press', { count: this.data.count })
    },
  },
})
