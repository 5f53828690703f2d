App({
  globalData: { events: [] },
  onLaunch(options) {
    this.globalData.events.push(`launch ${options.path}`)
  },
  onShow() {
    this.globalData.events.push('app show')
  },
  onHide() {
    this.globalData.events.push('app hide')
  },
})
