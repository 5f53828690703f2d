//! The exclusive right to a name, among all tabs and workers of an origin: Web Locks. Where there are none, nobody is kept
//! out.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::Error;
use super::channel::one;
use super::platform::{get, name_of};
use super::timer::Timer;

/// How long to wait, in milliseconds: the page before a reload may still have it.
const PATIENCE: u64 = 500;

/// What the browser calls when the lock is ours, and which promises when it is not any more.
type Granted = Closure<dyn FnMut(JsValue) -> JsValue>;

/// A lock that is held until it is dropped.
pub(super) struct Lock {
    release: Option<Function>,
    _granted: Granted,
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(release) = &self.release {
            // What settles a promise does not throw.
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

/// Takes the lock of this name.
///
/// # Errors
/// [`Error::StoreInUse`] when somebody else has it.
pub(super) async fn lock(name: &str) -> Result<Option<Lock>, Error> {
    let failed = |thrown: JsValue| Error::StoreFailed(name_of(&thrown));
    let scope = js_sys::global();
    let locks = get(&scope, "navigator").and_then(|navigator| get(&navigator, "locks"));
    let Some((locks, request)) = locks.and_then(|locks| get(&locks, "request").map(|request| (locks, request))) else {
        return Ok(None);
    };
    let request: Function = request.dyn_into().map_err(failed)?;
    let mut release = None;
    let released = Promise::new(&mut |resolve, _| release = Some(resolve));
    let (sender, mut granted) = one();
    let callback: Granted = Closure::once(move |_lock: JsValue| {
        sender.send(());
        JsValue::from(released)
    });
    let lock = Lock { release, _granted: callback };
    let patience = web_sys::AbortController::new().map_err(failed)?;
    let options = Object::new();
    Reflect::set(&options, &"signal".into(), &patience.signal()).map_err(failed)?;
    let answer = request.call3(&locks, &name.into(), &options, lock._granted.as_ref()).map_err(failed)?;
    let mut refused = JsFuture::from(Promise::resolve(&answer));
    let _timer = Timer::new(PATIENCE, move || patience.abort());
    poll_fn(move |context| {
        if Pin::new(&mut granted).poll(context).is_ready() {
            return Poll::Ready(Ok(()));
        }
        // It ends when the lock is released, which it was not yet, or is refused.
        Pin::new(&mut refused).poll(context).map(|_| Err(Error::StoreInUse))
    })
    .await?;
    Ok(Some(lock))
}
