// What the device says of itself: a telephone of its time, with the sizes of the host's page.

/** Adds to wx. */
export function addDevice(wx, define) {
  const window = () => {
    const box = document.querySelector('.wx-window:not([hidden]) .wx-body')
    const safe = {
      left: 0,
      right: innerWidth,
      top: 44,
      bottom: innerHeight - 34,
      width: innerWidth,
      height: innerHeight - 78,
    }
    return {
      pixelRatio: devicePixelRatio,
      screenWidth: innerWidth,
      screenHeight: innerHeight,
      windowWidth: innerWidth,
      windowHeight: box?.clientHeight ?? innerHeight,
      statusBarHeight: 44,
      safeArea: safe,
      screenTop: innerHeight - (box?.clientHeight ?? innerHeight),
    }
  }
  const base = () => ({
    SDKVersion: '3.0.0',
    version: '8.0.40',
    language: 'zh_CN',
    theme: 'light',
    host: { env: 'WeChat' },
    enableDebug: false,
  })
  const model = () => ({ brand: 'iPhone', model: 'iPhone X', system: 'iOS 15.8', platform: 'ios', benchmarkLevel: 30 })
  wx.getWindowInfo = window
  wx.getAppBaseInfo = base
  wx.getDeviceInfo = model
  wx.getSystemInfoSync = () => ({ ...window(), ...base(), ...model() })
  define('getSystemInfo', wx.getSystemInfoSync)
  wx.getMenuButtonBoundingClientRect = () => ({
    width: 87,
    height: 32,
    top: 48,
    bottom: 80,
    left: innerWidth - 94,
    right: innerWidth - 7,
  })
  wx.getAccountInfoSync = () => ({ miniProgram: { appId: 'touristappid', envVersion: 'develop', version: '' } })
  wx.getLaunchOptionsSync = wx.getEnterOptionsSync = () => ({ path: '', query: {}, scene: 1001 })
}
