// The global objects of the hosts. Each has types of its own, which contradict one another, so that here they have none.

declare const wx: any
declare const WXWebAssembly: any
declare const my: any
declare const MYWebAssembly: any
declare const tt: any
declare const TTWebAssembly: any
declare const qq: any
declare const swan: any
declare const ks: any
declare const jd: any
declare const xhs: any
declare const dd: any
