// Pictures: chosen and made to fit, put into a frame for the way, and kept as files of the program's own. A frame comes
// from anybody; what is no picture that a phone shows is refused.
//
//   byte 0       1, the version of the frame
//   bytes 1, 2   width in pixels, big-endian     bytes 3, 4   height
//   bytes 5 …    the file: JPEG, PNG, GIF or WebP

const config = require('../config')

const header = 5
const version = 1

/** What makes a picture that is too large smaller, in turn: pixels at the longer side, and quality. */
const steps = [
  [1600, 80],
  [1280, 70],
  [960, 60],
  [720, 50],
  [540, 40],
]

const formats = [
  ['jpg', [0xff, 0xd8, 0xff]],
  ['png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['gif', [0x47, 0x49, 0x46, 0x38]],
  ['webp', [0x52, 0x49, 0x46, 0x46]],
]

/** By its first bytes; undefined for what is no picture. */
function formatOf(bytes) {
  const found = formats.find(([, start]) => start.every((byte, at) => bytes[at] === byte))
  return found && found[0]
}

/** @param {ArrayBuffer} file */
function encode(file, width, height) {
  const frame = new Uint8Array(header + file.byteLength)
  frame.set([version, width >> 8, width & 255, height >> 8, height & 255])
  frame.set(new Uint8Array(file), header)
  return frame.buffer
}

/** Gives null for what is no frame with a picture. @param {Uint8Array} frame */
function decode(frame) {
  if (frame.length <= header || frame.length > header + config.picture || frame[0] !== version) return null
  const file = frame.slice(header).buffer
  const format = formatOf(new Uint8Array(file))
  const width = (frame[1] << 8) | frame[2]
  const height = (frame[3] << 8) | frame[4]
  return format && width && height ? { file, format, width, height } : null
}

/** The host's way of asking as a promise. */
const ask = (method, options) =>
  new Promise((resolve, reject) => wx[method](Object.assign({}, options, { success: resolve, fail: reject })))

const files = () => wx.getFileSystemManager()

const readFile = (filePath) =>
  new Promise((resolve, reject) => files().readFile({ filePath, success: ({ data }) => resolve(data), fail: reject }))

class PictureError extends Error {}

/** Smaller and smaller, until it fits. */
async function fit(path, { width, height }) {
  let file = await readFile(path)
  if (file.byteLength <= config.picture) return { file, width, height }
  for (const [side, quality] of steps) {
    const scale = Math.min(1, side / Math.max(width, height))
    const size = { compressedWidth: Math.round(width * scale), compressedHeight: Math.round(height * scale) }
    const { tempFilePath } = await ask('compressImage', Object.assign({ src: path, quality }, size))
    file = await readFile(tempFilePath)
    if (file.byteLength <= config.picture) return { file, width: size.compressedWidth, height: size.compressedHeight }
  }
  throw new PictureError(`图片压缩后仍有 ${Math.ceil(file.byteLength / 1024)} KB，上限 ${config.picture >> 10} KB，请换一张`)
}

/**
 * Lets the user choose a picture. Gives null where the choice is called off, and throws a PictureError that can be
 * shown where the picture cannot be sent.
 */
async function choose() {
  let chosen
  try {
    chosen = await ask('chooseMedia', { count: 1, mediaType: ['image'], sizeType: ['compressed'] })
  } catch (error) {
    if (/cancel/.test(error && error.errMsg)) return null
    throw new PictureError('无法打开相册，请检查权限')
  }
  try {
    const path = chosen.tempFiles[0].tempFilePath
    const fitting = await fit(path, await ask('getImageInfo', { src: path }))
    const format = formatOf(new Uint8Array(fitting.file))
    if (!format) throw new PictureError('不支持这种图片格式')
    return Object.assign(fitting, { format })
  } catch (error) {
    throw error instanceof PictureError ? error : new PictureError('图片读取失败')
  }
}

/** Writes a picture into the program's own folder. Gives its path, '' where there is no room. */
function keep(name, format, file) {
  const filePath = `${wx.env.USER_DATA_PATH}/${name}.${format}`
  try {
    files().writeFileSync(filePath, file)
    return filePath
  } catch (error) {
    return ''
  }
}

/** Reads a kept picture, to send it once more. @returns {ArrayBuffer | null} */
function kept(filePath) {
  try {
    return files().readFileSync(filePath)
  } catch (error) {
    return null
  }
}

function forget(filePath) {
  if (filePath) files().unlink({ filePath, fail() {} })
}

module.exports = { encode, decode, choose, keep, kept, forget, PictureError }
