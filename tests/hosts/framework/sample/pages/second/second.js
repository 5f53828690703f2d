Page({
  data: { from: '', n: '' },
  onLoad(query) {
    this.setData(query)
    if (query.moved) wx.redirectTo({ url: './second?from=moved&n=3' })
  },
  onUnload() {
    getApp().globalData.events.push('second unload')
  },
  leave() {
    wx.navigateBack()
  },
})
