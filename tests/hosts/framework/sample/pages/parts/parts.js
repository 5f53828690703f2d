Page({
  data: { nodes: '<b>bold</b>', current: 0, path: '', said: '' },
  say(value) {
    this.setData({ said: JSON.stringify(value) })
  },
  onChange({ detail }) {
    this.say(detail)
  },
  onInput({ detail }) {
    this.say(detail.value.length)
  },
  onLoaded({ detail }) {
    this.say(detail)
  },
  async onChoose() {
    const { tempFiles } = await wx.chooseMedia({ count: 1, mediaType: ['image'] })
    const path = `${wx.env.USER_DATA_PATH}/picture.png`
    const data = wx.getFileSystemManager().readFileSync(tempFiles[0].tempFilePath)
    wx.getFileSystemManager().writeFile({ filePath: path, data, success: () => this.setData({ path }) })
  },
  onPreview() {
    wx.previewImage({ urls: [this.data.path] })
  },
})
