//! Timers that fire in time in a hidden page too. Browsers hold a hidden page's timers back, up to a minute, which costs a
//! connection its keep alive; a worker's they leave alone. So a timer that is set in a hidden page runs in a worker as well,
//! and the first to fire is the one that counts. Visible pages and workers have plain timers.

use std::cell::OnceCell;

use js_sys::{Array, Function};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, Url, Worker};

use super::platform::is_hidden;

/// What the worker runs: it says when so many milliseconds have passed.
const SOURCE: &str = "onmessage=e=>setTimeout(()=>postMessage(0),e.data)";

/// The longest that a timer takes, in milliseconds.
const LONGEST: u64 = i32::MAX as u64;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(run: &Function, millis: i32) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

/// Runs once, after a while, unless it is dropped before.
pub(super) struct Timer {
    id: JsValue,
    worker: Option<Worker>,
    _run: Closure<dyn FnMut()>,
}

impl Timer {
    pub(super) fn new(millis: u64, run: impl FnOnce() + 'static) -> Self {
        Self::set(millis, Box::new(run))
    }

    /// One for all that is run: each kind of it would be compiled again.
    fn set(millis: u64, run: Box<dyn FnOnce()>) -> Self {
        let mut run = Some(run);
        let run = Closure::<dyn FnMut()>::new(move || run.take().into_iter().for_each(|run| run()));
        let function: &Function = run.as_ref().unchecked_ref();
        let millis = millis.min(LONGEST) as i32;
        let id = set_timeout(function, millis);
        // Where a security policy forbids workers, the plain timer is all there is.
        let worker = is_hidden().then(worker).flatten();
        if let Some(worker) = &worker {
            worker.set_onmessage(Some(function));
            let _ = worker.post_message(&millis.into());
        }
        Self { id, worker, _run: run }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.id);
        if let Some(worker) = &self.worker {
            worker.set_onmessage(None);
            worker.terminate();
        }
    }
}

/// A worker, if there may be one.
fn worker() -> Option<Worker> {
    thread_local! {
        /// Made once, and valid as long as the page: some browsers fetch it late.
        static ADDRESS: OnceCell<Option<String>> = const { OnceCell::new() };
    }
    let address = || {
        let blob = Blob::new_with_str_sequence(&Array::of1(&SOURCE.into())).ok()?;
        Url::create_object_url_with_blob(&blob).ok()
    };
    ADDRESS.with(|known| known.get_or_init(address).as_deref().and_then(|address| Worker::new(address).ok()))
}
