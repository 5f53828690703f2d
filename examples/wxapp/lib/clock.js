// Times as a chat shows them: the shortest form that leaves no doubt.

const two = (number) => (number < 10 ? `0${number}` : `${number}`)
const weekdays = ['周日', '周一', '周二', '周三', '周四', '周五', '周六']
const day = 24 * 3600 * 1000

const midnight = (time) => new Date(time).setHours(0, 0, 0, 0)

const timeOfDay = (time) => {
  const date = new Date(time)
  return `${two(date.getHours())}:${two(date.getMinutes())}`
}

const withSeconds = (time) => `${timeOfDay(time)}:${two(new Date(time).getSeconds())}`

/** '' for today. */
function dayName(time, now) {
  const days = Math.round((midnight(now) - midnight(time)) / day)
  const date = new Date(time)
  if (days <= 0) return ''
  if (days === 1) return '昨天'
  if (days < 7) return weekdays[date.getDay()]
  const thisYear = date.getFullYear() === new Date(now).getFullYear()
  return `${thisYear ? '' : `${date.getFullYear()}年`}${date.getMonth() + 1}月${date.getDate()}日`
}

/** Above messages. */
const full = (time, now) => `${dayName(time, now)} ${timeOfDay(time)}`.trim()

/** In a list. */
const short = (time, now) => dayName(time, now) || timeOfDay(time)

function duration(ms) {
  const seconds = Math.max(1, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} 秒`
  if (seconds < 3600) return `${Math.round(seconds / 60)} 分钟`
  return `${Math.round(seconds / 3600)} 小时`
}

module.exports = { full, short, withSeconds, duration }
